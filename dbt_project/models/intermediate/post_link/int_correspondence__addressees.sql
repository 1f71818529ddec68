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

parsed_names as (

    select * from {{ source('raw_names', 'parsed_name') }}

),

parsed_persons as (

    select * from {{ source('raw_names', 'parsed_person') }}

),

addressees as (

    select
        items.item_key,
        parsed_persons.person_no,
        parsed_names.kind as name_kind,
        parsed_names.deceased as name_says_deceased,
        parsed_persons.title,
        parsed_persons.forename,
        parsed_persons.middle_names,
        parsed_persons.surname,
        parsed_persons.suffix
    from items
    inner join parsed_names on items.full_name = parsed_names.full_name
    inner join parsed_persons on items.full_name = parsed_persons.full_name

)

select * from addressees
