with

source as (

    {{ raw_rows('housing', 'rtrans') }}

),

renamed as (

    select
        _record_key as source_row_key,
        trans_id::text as transaction_ref,
        {{ clean_text('tag_ref') }} as tenancy_ref,
        {{ code('trans_type') }} as transaction_code,
        {{ known_date('post_date') }} as transaction_date,
        real_value::numeric(12, 2) as amount_gbp,
        posted_at,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
