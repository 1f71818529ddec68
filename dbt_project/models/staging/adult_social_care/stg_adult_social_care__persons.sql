with

versions as (

    select * from {{ ref('stg_adult_social_care__person_versions') }}

),

versions_that_count as (

    select
        record_key,
        person_ref,
        title,
        forename,
        surname,
        full_name,
        name_says_deceased,
        nhs_number,
        birth_date,
        sex,
        date_of_death,
        death_recorded_at,
        email,
        is_safe_flagged,
        row_hash,
        known_from

    from versions
    where is_current

)

select * from versions_that_count
