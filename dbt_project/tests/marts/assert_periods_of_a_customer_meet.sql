-- Fails where two periods of a customer overlap or leave a gap, or where the current one is not the last.
with

periods as (

    select
        customer_id,
        valid_from,
        valid_to,
        is_current,
        lead(valid_from) over (partition by customer_id order by valid_from asc) as next_from
    from {{ ref('dim_customer') }}

)

select * from periods
where
    valid_to <= valid_from
    or (next_from is not null and valid_to is distinct from next_from)
    or is_current <> (valid_to is null)
