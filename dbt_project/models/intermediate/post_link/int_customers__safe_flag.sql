{{ config(indexes=[{'columns': ['customer_id'], 'unique': true}]) }}

with

members as (

    select * from {{ ref('int_customers__members') }}

),

records as (

    select * from {{ ref('int_person_records__link_input') }}

),

flagged as (

    select
        members.customer_id,
        array_agg(distinct members.source_system order by members.source_system) as source_systems
    from members
    inner join records on members.record_key = records.record_key
    where records.is_safe_flagged
    group by members.customer_id

)

select * from flagged
