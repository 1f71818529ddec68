with

customers as (

    select * from {{ ref('dim_customer') }}
    where
        is_current
        and address_status = 'known'
        and death_status not in ('reported', 'verified')

),

final as (

    select
        md5('household:' || address_id) as household_id,
        address_id,
        count(*)::integer as customer_count,
        (count(*) filter (
            where birth_date <= {{ night() }} - interval '18 years'
        ))::integer as adult_count,
        (count(*) filter (
            where birth_date > {{ night() }} - interval '18 years'
        ))::integer as child_count,
        (count(*) filter (where birth_date is null))::integer as unknown_age_count
    from customers
    group by address_id

)

select * from final
