with

flagged as (

    select customer_id from {{ ref('int_customers__safe_flag') }}

),

golden as (

    select * from {{ ref('int_customers__golden') }}

),

final as (

    select
        flagged.customer_id,
        max(golden.value) filter (
            where golden.attribute = 'address_line'
        ) as address_line,
        max(golden.value) filter (where golden.attribute = 'postcode') as postcode,
        max(golden.value) filter (where golden.attribute = 'uprn') as uprn,
        max(golden.source_system) filter (
            where golden.attribute = 'address_line'
        ) as address_source,
        max(golden.as_of) filter (
            where golden.attribute = 'address_line'
        ) as address_as_of,
        max(golden.value) filter (where golden.attribute = 'phone') as phone,
        max(golden.source_system) filter (
            where golden.attribute = 'phone'
        ) as phone_source,
        max(golden.value) filter (where golden.attribute = 'email') as email,
        max(golden.source_system) filter (
            where golden.attribute = 'email'
        ) as email_source
    from flagged
    left join golden on flagged.customer_id = golden.customer_id
    group by flagged.customer_id

)

select * from final
