{{ config(materialized='ephemeral') }}

with

item_groups as (

    select * from {{ ref('int_correspondence__addressee_groups') }}

),

groups as (

    select
        group_key,
        min(department) as department,
        min(account_ref) as account_ref,
        min(postcode_std) as postcode_std,
        min(address_id) as address_id,
        min(uprn) as uprn,
        min(email) as email,
        min(phone) as phone,
        min(surname_std) as surname_std,
        min(forename_std) as forename_std,
        min(middle_std) as middle_std,
        min(suffix_std) as suffix_std,
        min(title_sex) as title_sex
    from item_groups
    group by group_key

)

select * from groups
