{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_worked('item_key', 'record') }}",
    indexes=[{'columns': ['item_key', 'person_no'], 'unique': true}]
) }}

with

items as (

    select * from {{ ref('int_correspondence__items') }}
    where {{ in_work_list('item_key', 'record') }}

),

addressees as (

    select * from {{ ref('int_correspondence__addressees') }}

),

title_sexes as (

    select * from {{ ref('title_sexes') }}

),

-- The same words on the same account at the same address mean the same person: resolved once, not per item.
groups as (

    select
        items.item_key,
        addressees.person_no,
        md5(concat_ws(
            '|', items.department, items.account_ref, items.full_name, items.postcode_std, items.address_id,
            items.uprn, items.email, items.phone, addressees.person_no
        )) as group_key,
        items.department,
        items.account_ref,
        items.postcode_std,
        items.address_id,
        items.uprn,
        items.email,
        items.phone,
        addressees.name_kind,
        {{ name_compared('addressees.surname') }} as surname_std,
        {{ name_compared('addressees.forename') }} as forename_std,
        {{ name_compared('addressees.middle_names') }} as middle_std,
        upper(addressees.suffix) as suffix_std,
        title_sexes.sex as title_sex
    from items
    inner join addressees on items.item_key = addressees.item_key
    left join title_sexes on upper(addressees.title) = title_sexes.title_std
    where addressees.name_kind in ('person', 'joint', 'estate')

)

select * from groups
