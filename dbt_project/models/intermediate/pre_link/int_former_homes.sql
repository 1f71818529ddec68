{{ config(materialized='view') }}

with

accounts as (

    select * from {{ ref('stg_council_tax__accounts') }}

),

occupations as (

    select
        *,
        row_number() over (
            partition by account_ref
            order by
                is_live desc, occupied_to_date desc nulls first,
                occupied_from_date desc nulls last, property_ref desc
        ) as recency_no
    from {{ ref('stg_council_tax__occupations') }}

),

properties as (

    select * from {{ ref('stg_council_tax__properties') }}

),

-- once an account is closed, its people stand where they went to: this is where they came from
former_homes as (

    select
        accounts.record_key as account_key,
        properties.address_line as former_address_line,
        properties.postcode as former_postcode
    from accounts
    inner join occupations on accounts.account_ref = occupations.account_ref and occupations.recency_no = 1
    inner join properties on occupations.property_ref = properties.property_ref
    where not occupations.is_live and accounts.address_line is not null

)

select * from former_homes
