with

versions as (

    select * from {{ ref('stg_housing__contact_versions') }}

),

versions_that_count as (

    select
        source_row_key,
        house_ref,
        full_name,
        phone,
        second_phone,
        email,
        row_hash,
        known_from

    from versions
    where is_current

)

select * from versions_that_count
