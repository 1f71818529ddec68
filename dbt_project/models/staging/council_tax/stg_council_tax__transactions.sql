with

source as (

    {{ raw_rows('council_tax', 'cttransaction') }}

),

renamed as (

    select
        _record_key as source_row_key,
        transaction_ref::text as transaction_ref,
        account_ref::text as account_ref,
        {{ known_date('process_date') }} as transaction_date,
        {{ code('tran_code') }} as transaction_code,
        tran_amount::numeric(12, 2) as amount_gbp,
        posted_at,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
