-- Fails where two periods of a customer overlap, or where the current one is not the last. They may leave
-- a gap: a customer whose records were all gone and came back has none for the nights between.
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
    or (next_from is not null and coalesce(valid_to, 'infinity') > next_from)
    or is_current <> (valid_to is null)
