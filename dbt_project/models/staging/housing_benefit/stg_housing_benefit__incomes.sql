with

source as (

    {{ raw_rows('housing_benefit', 'hbincome') }}

),

renamed as (

    select
        _record_key as source_row_key,
        claim_id::text as claim_id,
        house_id as house_no,
        income_id as income_no,
        member_id as member_no,
        {{ code('inc_code') }} as income_code,
        inc_amt::numeric(12, 2) as amount_gbp,
        freq_len as frequency_length,
        {{ code('freq_period') }} as frequency_period_code,
        {{ known_date('from_date') }} as from_date,
        {{ known_date('to_date') }} as to_date,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
