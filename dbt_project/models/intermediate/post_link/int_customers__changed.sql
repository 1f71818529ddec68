{{ config(post_hook="
    insert into {{ source('work', 'customer') }} (night, customer_id)
    select {{ night() }}, changed.customer_id from {{ this }} as changed
    on conflict do nothing
") }}

with

night_context as (

    select * from {{ source('control', 'night_context') }}

),

memberships as (

    select * from {{ source('link', 'membership') }}

),

customer_events as (

    select * from {{ source('link', 'customer_event') }}

),

worked_records as (

    {{ work_list('record') }}

),

-- Former members count too: a customer that has lost a record must be built anew without it.
changed as (

    select memberships.customer_id
    from memberships
    inner join worked_records on memberships.record_key = worked_records.record_key

    union

    select memberships.customer_id
    from memberships
    cross join night_context
    where
        night_context.previous_night is null
        or memberships.valid_from > night_context.previous_night
        or memberships.valid_to > night_context.previous_night

    union

    select customer_ids.customer_id
    from customer_events
    cross join night_context
    cross join
        lateral (
            values (customer_events.old_customer_id), (customer_events.new_customer_id)
        ) as customer_ids (customer_id)
    where
        customer_ids.customer_id is not null
        and customer_events.night > coalesce(night_context.previous_night, '-infinity')

)

select * from changed
