with

members as (

    select * from {{ ref('int_customers__members') }}

),

records as (

    select * from {{ ref('int_person_records__link_input') }}

),

final as (

    select
        members.record_key,
        members.customer_id,
        members.source_system,
        members.source_table,
        records.is_live_record,
        members.member_from as linked_since_date
    from members
    inner join records on members.record_key = records.record_key

)

select * from final
