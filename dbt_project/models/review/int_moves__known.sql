{{ config(schema='intermediate') }}

with

homes as (

    select * from {{ ref('int_homes__by_system') }}

),

deaths as (

    select
        customer_id,
        coalesce(death_date, known_date) as dead_from_date
    from {{ ref('dim_death') }}
    where death_status in ('reported', 'verified')

),

successive as (

    select
        customer_id,
        source_system,
        home_key,
        address_id,
        uprn,
        end_date,
        known_from,
        is_known_by_extract,
        lead(home_key) over next_home as next_home_key,
        lead(address_id) over next_home as next_address_id,
        lead(start_date) over next_home as next_start_date,
        lead(known_from) over next_home as next_known_from,
        lead(is_known_by_extract) over next_home as next_is_known_by_extract
    from homes
    window next_home as (
        partition by customer_id, source_system
        order by start_date asc nulls first, end_date asc nulls last, home_key asc
    )

),

moves as (

    -- who leaves says where to: the council tax system keeps the time at which that was typed in
    select
        customer_id,
        source_system,
        array[home_key] as evidence_keys,
        address_id as old_address_id,
        uprn as old_uprn,
        forwarding_address_id as new_address_id,
        end_date as moved_date,
        coalesce(forwarding_updated_at, known_from) as known_at,
        case
            when forwarding_updated_at is not null then 'recorded'
            when is_known_by_extract then 'extract'
            else 'initial'
        end as known_basis
    from homes
    where end_date is not null and has_forwarding_address
    union all
    -- one home that has ended and the next one, in one system
    select
        customer_id,
        source_system,
        array[home_key, next_home_key] as evidence_keys,
        address_id as old_address_id,
        uprn as old_uprn,
        next_address_id as new_address_id,
        next_start_date as moved_date,
        greatest(known_from, next_known_from) as known_at,
        case
            when is_known_by_extract or next_is_known_by_extract then 'extract'
            else 'initial'
        end as known_basis
    from successive
    where
        end_date is not null
        and next_home_key is not null
        and address_id is distinct from next_address_id

),

final as (

    select
        moves.customer_id,
        moves.source_system,
        moves.evidence_keys,
        moves.old_address_id,
        moves.old_uprn,
        moves.new_address_id,
        moves.moved_date,
        moves.known_basis,
        {{ london_date('moves.known_at') }} as known_date,
        -- as with deaths: what stood there already counts from the first extract on
        {{ london_date('moves.known_at') }}
        + case when moves.known_basis = 'initial' then 0 else 1 end as letters_from_date
    from moves
    left join deaths on moves.customer_id = deaths.customer_id
    where
        moves.moved_date is not null
        -- whose home ended with a death has not moved: a forwarding address is then the executor's
        and (deaths.dead_from_date is null or moves.moved_date < deaths.dead_from_date)

)

select * from final
