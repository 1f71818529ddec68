with

versions as (

    select * from {{ ref('stg_housing__arrears_action_versions') }}

),

versions_that_count as (

    select
        source_row_key,
        tenancy_ref,
        action_no,
        action_code,
        action_date,
        balance_gbp,
        row_hash,
        known_from

    from versions
    where is_current

)

select * from versions_that_count
