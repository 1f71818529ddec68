{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='item_id',
        on_schema_change='fail',
        pre_hook="{{ delete_worked('item_id', 'record') }}"
    )
}}

with

items as (

    select * from {{ ref('int_correspondence__items') }}

),

addressees as (

    select * from {{ ref('int_correspondence__addressees') }}

),

parsed_names as (

    select * from {{ source('raw_names', 'parsed_name') }}

),

candidates as (

    select * from {{ ref('int_correspondence__addressee_customers') }}

),

flagged as (

    select customer_id from {{ ref('int_customers__safe_flag') }}

),

protected as (

    select value as address_id from {{ ref('int_contact_details__protected') }}
    where attribute = 'address_id'

),

candidate_counts as (

    select
        item_key,
        count(customer_id)::integer as candidate_count
    from candidates
    group by item_key

),

shown as (

    {% if is_incremental() -%}
        select * from {{ this }}
    {%- else -%}
        select
            null::text as item_id,
            null::text as customer_id,
            null::text as other_customer_id,
            null::text as address_id,
            null::integer as candidate_count
        where false
    {%- endif %}

),

-- new or changed items, and those whose addressees may have become others
changed_items as (

    select items.item_key
    from items
    left join shown on items.item_key = shown.item_id
    left join candidate_counts on items.item_key = candidate_counts.item_key
    left join protected on items.address_id = protected.address_id
    where
        shown.item_id is null
        or shown.candidate_count is distinct from coalesce(candidate_counts.candidate_count, 0)
        or shown.address_id = 'address_withheld'
        or protected.address_id is not null
    union
    select item_key from candidates
    where {{ in_work_list('customer_id', 'customer') }}
    union
    select item_id as item_key from shown
    where
        {{ in_work_list('customer_id', 'customer') }}
        or {{ in_work_list('other_customer_id', 'customer') }}

),

worked_items as materialized (

    select items.*
    from items
    inner join changed_items on items.item_key = changed_items.item_key

),

changed_candidates as (

    select
        candidates.*,
        flagged.customer_id is not null as is_flagged,
        min(candidates.person_no) over (partition by candidates.item_key) as first_person_no
    from candidates
    inner join changed_items on candidates.item_key = changed_items.item_key
    left join flagged on candidates.customer_id = flagged.customer_id
    where candidates.customer_id is not null

),

named_persons as (

    select
        addressees.item_key,
        (count(*) filter (
            where addressees.surname is not null or addressees.forename is not null
        ))::integer as addressee_count
    from addressees
    inner join changed_items on addressees.item_key = changed_items.item_key
    group by addressees.item_key

),

-- of several customers that a name may mean, the first by id: such an item says doubtful
customers as (

    select distinct on (item_key)
        item_key,
        customer_id,
        match_basis as match_code
    from changed_candidates
    order by item_key asc, person_no asc, customer_id asc

),

other_customers as (

    select distinct on (changed_candidates.item_key)
        changed_candidates.item_key,
        changed_candidates.customer_id
    from changed_candidates
    inner join customers on changed_candidates.item_key = customers.item_key
    where
        changed_candidates.person_no > changed_candidates.first_person_no
        and changed_candidates.customer_id <> customers.customer_id
    order by
        changed_candidates.item_key asc,
        changed_candidates.person_no asc,
        changed_candidates.customer_id asc

),

doubts as (

    select
        item_key,
        bool_or(is_doubtful) as is_doubtful,
        bool_or(is_flagged) as has_flagged_customer
    from changed_candidates
    group by item_key

),

final as (

    select
        worked_items.item_key as item_id,
        customers.customer_id,
        other_customers.customer_id as other_customer_id,
        coalesce(parsed_names.kind, 'unknown') as addressee_kind_code,
        coalesce(named_persons.addressee_count, 0) as addressee_count,
        coalesce(customers.match_code, 'none') as match_code,
        coalesce(candidate_counts.candidate_count, 0) as candidate_count,
        coalesce(doubts.is_doubtful, false) as is_doubtful,
        coalesce(worked_items.department, 'unknown') as source_system,
        worked_items.template as template_code,
        worked_items.item_class as class_code,
        worked_items.channel as channel_code,
        worked_items.created_date,
        worked_items.item_date,
        worked_items.returned_date,
        worked_items.return_reason as return_reason_code,
        worked_items.status_code as delivery_status_code,
        worked_items.contains_other_address as has_other_address,
        case
            when doubts.has_flagged_customer or protected.address_id is not null
                then 'address_withheld'
            else coalesce(worked_items.address_id, 'unknown')
        end as address_id
    from worked_items
    left join parsed_names on worked_items.full_name = parsed_names.full_name
    left join named_persons on worked_items.item_key = named_persons.item_key
    left join candidate_counts on worked_items.item_key = candidate_counts.item_key
    left join customers on worked_items.item_key = customers.item_key
    left join other_customers on worked_items.item_key = other_customers.item_key
    left join doubts on worked_items.item_key = doubts.item_key
    left join protected on worked_items.address_id = protected.address_id

)

select * from final
