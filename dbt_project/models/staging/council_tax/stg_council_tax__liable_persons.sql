with

versions as (

    select * from {{ ref('stg_council_tax__liable_person_versions') }}

),

versions_that_count as (

    select
        record_key,
        account_ref,
        occurrence_no,
        full_name,
        liability_code,
        row_hash,
        known_from

    from versions
    where is_current

)

select * from versions_that_count
