{{ config(indexes=[{'columns': ['customer_id'], 'unique': true}]) }}

with

members as (

    select * from {{ ref('int_customers__members') }}

),

records as (

    select * from {{ ref('int_person_records__link_input') }}

),

-- what departments were told beside what their systems deliver
facts as (

    select * from {{ ref('int_facts__told') }}
    where kind = 'safe_contact' and is_in_force and customer_id is not null

),

flags as (

    select
        members.customer_id,
        members.source_system
    from members
    inner join records on members.record_key = records.record_key
    where records.is_safe_flagged

    union all

    select
        customer_id,
        'facts' as source_system
    from facts

),

flagged as (

    select
        customer_id,
        array_agg(distinct source_system order by source_system) as source_systems
    from flags
    group by customer_id

)

select * from flagged
