with

versions as (

    select * from {{ ref('stg_children_social_care__person_versions') }}

),

versions_that_count as (

    select
        record_key,
        person_ref,
        forename,
        surname,
        full_name,
        name_says_deceased,
        sex,
        birth_date,
        nhs_number,
        upn,
        date_of_death,
        row_hash,
        known_from

    from versions
    where is_current

)

select * from versions_that_count
