with

source as (

    {{ raw_rows('housing_benefit', 'hbrentass') }}

),

renamed as (

    select
        _record_key as source_row_key,
        claim_id::text as claim_id,
        award_id as award_no,
        {{ known_date('from_date') }} as from_date,
        {{ known_date('to_date') }} as to_date,
        model_amt::numeric(12, 2) as weekly_amount_gbp,
        {{ code('type_ind') }} as award_type_code,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
