{{ config(schema='intermediate') }}

with

flagged as (

    select customer_id from {{ ref('int_customers__safe_flag') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

records as (

    select * from {{ ref('int_person_records__link_input') }}

),

golden as (

    select * from {{ ref('int_customers__golden') }}

),

flagged_records as (

    select
        records.phone,
        records.email,
        records.address_id
    from flagged
    inner join members on flagged.customer_id = members.customer_id
    inner join records on members.record_key = records.record_key

),

details as (

    select
        'address_id'::text as attribute,
        address_id as value
    from flagged_records
    union
    select
        'phone'::text as attribute,
        phone as value
    from flagged_records
    union
    select
        'email'::text as attribute,
        email as value
    from flagged_records
    union
    select
        golden.attribute,
        golden.value
    from golden
    inner join flagged on golden.customer_id = flagged.customer_id
    where golden.attribute in ('address_id', 'phone', 'email')

),

final as (

    select
        attribute,
        value
    from details
    where value is not null

)

select * from final
