with

source as (

    {{ raw_rows('council_tax', 'ctdiscount') }}

),

renamed as (

    select
        _record_key as source_row_key,
        account_ref::text as account_ref,
        {{ code('discount_code') }} as discount_code,
        {{ known_date('start_date') }} as start_date,
        {{ known_date('end_date') }} as end_date,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
