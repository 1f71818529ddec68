with

source as (

    {{ raw_rows('children_social_care', 'ssd_care_leavers') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('clea_table_id') }} as care_leaver_ref,
        {{ clean_text('clea_person_id') }} as person_ref,
        {{ clean_text('clea_care_leaver_eligibility') }} as eligibility,
        {{ clean_text('clea_care_leaver_accommodation') }} as accommodation,
        {{ known_date('clea_care_leaver_latest_contact') }} as latest_contact_date,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
