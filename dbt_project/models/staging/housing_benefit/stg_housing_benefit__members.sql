with

versions as (

    select * from {{ ref('stg_housing_benefit__member_versions') }}

),

versions_that_count as (

    select
        record_key,
        claim_id,
        house_no,
        member_no,
        title,
        forename,
        surname,
        full_name,
        name_says_deceased,
        birth_date,
        sex,
        nino,
        member_type_code,
        is_student,
        date_of_death,
        death_recorded_at,
        row_hash,
        known_from

    from versions
    where is_current

)

select * from versions_that_count
