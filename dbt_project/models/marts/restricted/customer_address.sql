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

final as (

    select
        records.record_key,
        flagged.customer_id,
        records.source_system,
        records.address_line,
        records.postcode,
        records.uprn,
        records.phone,
        records.email,
        records.known_from
    from flagged
    inner join members on flagged.customer_id = members.customer_id
    inner join records on members.record_key = records.record_key
    where
        records.address_line is not null
        or records.postcode is not null
        or records.phone is not null
        or records.email is not null

)

select * from final
