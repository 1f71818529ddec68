with

source as (

    {{ raw_rows('council_tax', 'ctrecovery') }}

),

renamed as (

    select
        _record_key as source_row_key,
        account_ref::text as account_ref,
        stage_seq as stage_no,
        {{ code('stage_code') }} as stage_code,
        {{ known_date('stage_date') }} as stage_date,
        balance::numeric(12, 2) as balance_gbp,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
