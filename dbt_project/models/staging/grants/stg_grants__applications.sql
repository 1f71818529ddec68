with

versions as (

    select * from {{ ref('stg_grants__application_versions') }}

),

versions_that_count as (

    select
        record_key,
        application_ref,
        scheme_code,
        full_name,
        birth_date,
        email,
        phone,
        address_line,
        postcode,
        submitted_date,
        amount_requested_gbp,
        decision_code,
        decided_date,
        row_hash,
        known_from

    from versions
    where is_current

)

select * from versions_that_count
