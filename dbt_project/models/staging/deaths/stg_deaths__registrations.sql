with

versions as (

    select * from {{ ref('stg_deaths__registration_versions') }}

),

versions_that_count as (

    select
        record_key,
        entry_ref,
        surname,
        forename,
        middle_names,
        full_name,
        sex,
        birth_date,
        date_of_death,
        address_line,
        postcode,
        registered_date,
        entry_status_code,
        cancelled_date,
        row_hash,
        known_from

    from versions
    where is_current

)

select * from versions_that_count
