with

source as (

    {{ raw_rows('adult_social_care', 'direct_payments') }}

),

renamed as (

    select
        _record_key as source_row_key,
        payment_id::text as payment_ref,
        person_id::text as person_ref,
        {{ known_date('payment_date') }} as payment_date,
        amount::numeric(12, 2) as amount_gbp,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
