{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_worked('customer_id', 'customer') }}",
    indexes=[{'columns': ['customer_id']}]
) }}

with

members as (

    select * from {{ ref('int_customers__members') }}
    where {{ in_work_list('customer_id', 'customer') }}

),

records as (

    select * from {{ ref('int_person_records__link_input') }}

),

sexes as (

    select
        customer_id,
        value as sex
    from {{ ref('int_customers__golden') }}
    where attribute = 'sex'

),

written_names as (

    select
        members.customer_id,
        {{ name_compared('records.surname') }} as surname_std,
        {{ name_compared('records.forename') }} as forename_std,
        {{ name_compared('records.middle_names') }} as middle_std,
        upper(records.suffix) as suffix_std,
        members.record_key
    from members
    inner join records on members.record_key = records.record_key

),

-- Some records have forename, or its initial, and surname in each other's place; letters copy them.
names_both_ways as (

    select
        customer_id,
        surname_std,
        forename_std,
        middle_std,
        suffix_std,
        record_key,
        0 as handicap
    from written_names

    union all

    select
        customer_id,
        forename_std as surname_std,
        surname_std as forename_std,
        middle_std,
        suffix_std,
        record_key,
        5 as handicap
    from written_names
    where length(forename_std) > 1

    union all

    select
        customer_id,
        left(forename_std, 1) as surname_std,
        surname_std as forename_std,
        middle_std,
        suffix_std,
        record_key,
        {{ initial_as_surname_handicap() }} as handicap
    from written_names
    where length(forename_std) > 1

),

distinct_names as (

    select
        customer_id,
        surname_std,
        forename_std,
        middle_std,
        suffix_std,
        min(handicap) as handicap,
        -- any one of the records with this spelling, the same one every night
        min(record_key) as record_key
    from names_both_ways
    where surname_std is not null
    group by customer_id, surname_std, forename_std, middle_std, suffix_std

),

names as (

    select
        distinct_names.customer_id,
        distinct_names.surname_std,
        distinct_names.forename_std,
        distinct_names.middle_std,
        distinct_names.suffix_std,
        distinct_names.handicap,
        distinct_names.record_key,
        sexes.sex
    from distinct_names
    left join sexes on distinct_names.customer_id = sexes.customer_id

)

select * from names
