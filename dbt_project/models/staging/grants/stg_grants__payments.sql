with

source as (

    {{ raw_rows('grants', 'payments') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('payment_ref') }} as payment_ref,
        {{ clean_text('application_ref') }} as application_ref,
        {{ known_date('paid_on') }} as payment_date,
        amount::numeric(12, 2) as amount_gbp,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
