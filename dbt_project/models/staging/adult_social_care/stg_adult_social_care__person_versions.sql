with

source as (

    {{ raw_versions('adult_social_care', 'dm_persons') }}

),

renamed as (

    select
        _record_key as record_key,
        person_id::text as person_ref,
        {{ title('title') }} as title,
        {{ name_part('first_name') }} as forename,
        {{ name_part('last_name') }} as surname,
        full_name,
        {{ name_says_deceased(['title', 'first_name', 'last_name', 'full_name']) }} as name_says_deceased,
        {{ nhs_number('nhs_id') }} as nhs_number,
        {{ known_date('date_of_birth') }} as birth_date,
        {{ sex_code('gender') }} as sex,
        {{ known_date('date_of_death') }} as date_of_death,
        date_of_death_recorded_at as death_recorded_at,
        {{ email('email_address') }} as email,
        {{ is_yes('restricted') }} as is_safe_flagged,
        _row_hash as row_hash,
        _valid_from as known_from,
        version_valid_to as known_to,
        version_counts as is_current

    from source

)

select * from renamed
