with

customers as (

    select * from {{ ref('dim_customer') }}
    where is_current and address_status = 'known'

),

addresses as (

    select * from {{ ref('int_addresses') }}

),

homes as (

    select
        address_id,
        count(*)::integer as customer_count
    from customers
    group by address_id

),

final as (

    select
        homes.address_id,
        coalesce(addresses.address_line, addresses.postcode, 'unknown') as address_line,
        addresses.postcode,
        addresses.uprn,
        homes.customer_count
    from homes
    inner join addresses on homes.address_id = addresses.address_id

)

select * from final
