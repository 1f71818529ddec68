with

source as (

    {{ raw_versions('housing_benefit', 'hbmember') }}

),

renamed as (

    select
        _record_key as record_key,
        claim_id::text as claim_id,
        house_id as house_no,
        member_id as member_no,
        {{ title('title') }} as title,
        {{ name_part('forename') }} as forename,
        {{ name_part('surname') }} as surname,
        concat_ws(' ', title, forename, surname) as full_name,
        {{ name_says_deceased(['title', 'forename', 'surname']) }} as name_says_deceased,
        {{ known_date('birth_date') }} as birth_date,
        {{ sex_code('gender') }} as sex,
        {{ nino('nino') }} as nino,
        type as member_type_code,
        {{ is_yes('student_ind') }} as is_student,
        {{ known_date('deceased_date') }} as date_of_death,
        deceased_recorded_at as death_recorded_at,
        _row_hash as row_hash,
        _valid_from as known_from,
        version_valid_to as known_to,
        version_counts as is_current

    from source

)

select * from renamed
