with

source as (

    {{ raw_rows('children_social_care', 'ssd_cin_episodes') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('cine_referral_id') }} as referral_ref,
        {{ clean_text('cine_person_id') }} as person_ref,
        {{ known_date('cine_referral_date') }} as start_date,
        {{ known_date('cine_close_date') }} as end_date,
        {{ code('cine_close_reason') }} as close_reason_code,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
