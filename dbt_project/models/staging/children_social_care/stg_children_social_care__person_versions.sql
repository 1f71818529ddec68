with

source as (

    {{ raw_versions('children_social_care', 'ssd_person') }}

),

renamed as (

    select
        _record_key as record_key,
        {{ clean_text('pers_person_id') }} as person_ref,
        {{ name_part('pers_forename') }} as forename,
        {{ name_part('pers_surname') }} as surname,
        concat_ws(' ', pers_forename, pers_surname) as full_name,
        {{ name_says_deceased(['pers_forename', 'pers_surname']) }} as name_says_deceased,
        {{ sex_code('pers_sex') }} as sex,
        {{ known_date('pers_dob') }} as birth_date,
        {{ nhs_number('pers_single_unique_id') }} as nhs_number,
        {{ upn('pers_upn') }} as upn,
        {{ known_date('pers_death_date') }} as date_of_death,
        _row_hash as row_hash,
        _valid_from as known_from,
        version_valid_to as known_to,
        version_counts as is_current

    from source

)

select * from renamed
