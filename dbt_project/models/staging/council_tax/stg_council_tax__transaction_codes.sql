with

source as (

    {{ raw_rows('council_tax', 'cttrancode') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ code('tran_code') }} as transaction_code,
        {{ clean_text('tran_desc') }} as transaction_name,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
