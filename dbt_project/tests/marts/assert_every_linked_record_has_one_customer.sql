-- Fails for a person record that could be linked and has no customer, or more than one.
with

records as (

    select record_key from {{ ref('int_person_records__link_input') }}

),

bridge as (

    select record_key from {{ ref('bridge_customer_source_record') }}

),

counted as (

    select
        records.record_key,
        count(bridge.record_key) as customers
    from records
    left join bridge on records.record_key = bridge.record_key
    group by records.record_key

)

select * from counted
where customers <> 1
