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

named_persons as (

    select
        item_key,
        (count(*) filter (where surname is not null or forename is not null))::integer
            as addressee_count
    from addressees
    group by item_key

),

-- of several customers that a name may mean, the first by id: such an item says doubtful
customers as (

    select
        candidates.item_key,
        (array_agg(
            candidates.customer_id order by candidates.person_no asc, candidates.customer_id asc
        ))[1] as customer_id,
        min(candidates.person_no) as first_person_no,
        (array_agg(
            candidates.match_basis order by candidates.person_no asc, candidates.customer_id asc
        ))[1] as match_code,
        bool_or(candidates.is_doubtful) as is_doubtful,
        bool_or(flagged.customer_id is not null) as has_flagged_customer
    from candidates
    left join flagged on candidates.customer_id = flagged.customer_id
    where candidates.customer_id is not null
    group by candidates.item_key

),

other_customers as (

    select
        candidates.item_key,
        (array_agg(
            candidates.customer_id order by candidates.person_no asc, candidates.customer_id asc
        ))[1] as customer_id
    from candidates
    inner join customers on candidates.item_key = customers.item_key
    where
        candidates.person_no > customers.first_person_no
        and candidates.customer_id <> customers.customer_id
    group by candidates.item_key

),

final as (

    select
        items.item_key as item_id,
        customers.customer_id,
        other_customers.customer_id as other_customer_id,
        coalesce(parsed_names.kind, 'unknown') as addressee_kind_code,
        coalesce(named_persons.addressee_count, 0) as addressee_count,
        coalesce(customers.match_code, 'none') as match_code,
        coalesce(customers.is_doubtful, false) as is_doubtful,
        coalesce(items.department, 'unknown') as source_system,
        items.template as template_code,
        items.item_class as class_code,
        items.channel as channel_code,
        items.created_date,
        items.item_date,
        items.returned_date,
        items.return_reason as return_reason_code,
        items.status_code as delivery_status_code,
        items.contains_other_address as has_other_address,
        case
            when customers.has_flagged_customer or protected.address_id is not null
                then 'address_withheld'
            else coalesce(items.address_id, 'unknown')
        end as address_id
    from items
    left join parsed_names on items.full_name = parsed_names.full_name
    left join named_persons on items.item_key = named_persons.item_key
    left join customers on items.item_key = customers.item_key
    left join other_customers on items.item_key = other_customers.item_key
    left join protected on items.address_id = protected.address_id

)

select * from final
