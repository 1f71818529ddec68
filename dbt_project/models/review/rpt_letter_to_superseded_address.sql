with

items as (

    select * from {{ ref('int_correspondence__items') }}
    where channel = 'letter' and address_id is not null

),

addressees as (

    select * from {{ ref('int_correspondence__addressees') }}
    where name_kind = 'person' and not name_says_deceased

),

candidates as (

    select * from {{ ref('int_correspondence__addressee_customers') }}
    where customer_id is not null and not is_doubtful

),

history as (

    select * from {{ ref('int_customers__history') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

records as (

    select * from {{ ref('int_person_records__link_input') }}

),

-- the best known home by time: the first one counts for the time before it, too
homes as (

    select
        customer_id,
        address_id,
        address_id_as_of as address_as_of,
        case
            when row_number() over (partition by customer_id order by valid_from asc) = 1
                then '-infinity'::date
            else valid_from
        end as valid_from,
        coalesce(valid_to, 'infinity'::date) as valid_to
    from history
    where address_id is not null

),

addresses_of_records as (

    select
        members.customer_id,
        records.address_id,
        {{ london_date('min(records.known_from)') }} as held_since_date
    from members
    inner join records on members.record_key = records.record_key
    where records.address_id is not null
    group by members.customer_id, records.address_id

),

items_elsewhere as (

    select
        items.item_key,
        items.item_date,
        items.department,
        items.item_class,
        items.address_id,
        candidates.customer_id,
        candidates.match_basis,
        homes.address_as_of,
        homes.valid_from
    from items
    inner join addressees on items.item_key = addressees.item_key
    inner join candidates
        on
            addressees.item_key = candidates.item_key
            and addressees.person_no = candidates.person_no
    inner join homes
        on
            candidates.customer_id = homes.customer_id
            and homes.valid_from <= items.item_date
            and homes.valid_to > items.item_date
    where
        homes.address_id <> items.address_id
        and items.item_date > homes.address_as_of
        + {{ rule_parameter('letter_to_superseded_address', 'grace_days', 'items.item_date') }}

),

-- a letter elsewhere is no mistake of the record: only a former home is
items_to_former_homes as (

    select
        items_elsewhere.item_key,
        'history'::text as former_by
    from items_elsewhere
    inner join homes as former_homes
        on
            items_elsewhere.customer_id = former_homes.customer_id
            and items_elsewhere.address_id = former_homes.address_id
            and former_homes.valid_to <= items_elsewhere.valid_from
    union
    select
        items_elsewhere.item_key,
        'record'::text as former_by
    from items_elsewhere
    inner join addresses_of_records
        on
            items_elsewhere.customer_id = addresses_of_records.customer_id
            and items_elsewhere.address_id = addresses_of_records.address_id
            and addresses_of_records.held_since_date < items_elsewhere.address_as_of

),

former as (

    select
        item_key,
        min(former_by) as former_by
    from items_to_former_homes
    group by item_key

),

findings as (

    select
        array[items_elsewhere.item_key] as finding_subject_keys,
        'letter_to_superseded_address'::text as rule_code,
        items_elsewhere.customer_id,
        null::text as other_customer_id,
        array[items_elsewhere.item_key] as evidence_keys,
        items_elsewhere.department as system,
        false as is_doubtful,
        jsonb_build_object(
            'item_date', items_elsewhere.item_date,
            'home_known_since', items_elsewhere.address_as_of,
            'class', items_elsewhere.item_class,
            'former_by', former.former_by,
            'match_basis', items_elsewhere.match_basis
        ) as facts
    from items_elsewhere
    inner join former on items_elsewhere.item_key = former.item_key

)

{{ select_findings('findings') }}
