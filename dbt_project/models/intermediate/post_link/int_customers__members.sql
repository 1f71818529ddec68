{{ config(indexes=[
    {'columns': ['record_key'], 'unique': true},
    {'columns': ['customer_id']}
]) }}

with

memberships as (

    select * from {{ source('link', 'membership') }}

),

records as (

    select * from {{ ref('int_person_records__link_input') }}

),

members as (

    select
        memberships.customer_id,
        memberships.record_key,
        records.source_system,
        records.source_table,
        memberships.valid_from as member_from
    from memberships
    inner join records on memberships.record_key = records.record_key
    where
        memberships.valid_from <= {{ night() }}
        and (memberships.valid_to is null or memberships.valid_to > {{ night() }})

)

select * from members
