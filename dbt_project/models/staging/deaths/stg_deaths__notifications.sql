with

versions as (

    select * from {{ ref('stg_deaths__notification_versions') }}

),

versions_that_count as (

    select
        record_key,
        notification_ref,
        forename,
        middle_names,
        surname,
        full_name,
        birth_date,
        date_of_death,
        nino,
        address_line,
        postcode,
        notified_at,
        status_code,
        withdrawn_at,
        row_hash,
        known_from

    from versions
    where is_current

)

select * from versions_that_count
