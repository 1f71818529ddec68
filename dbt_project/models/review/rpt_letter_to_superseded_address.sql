with

items as (

    select * from {{ ref('int_correspondence__items') }}
    where channel = 'letter' and (address_id is not null or uprn is not null)

),

addressees as (

    select * from {{ ref('int_correspondence__addressees') }}
    where name_kind in ('person', 'joint') and not name_says_deceased

),

candidates as (

    select * from {{ ref('int_correspondence__addressee_customers') }}
    where customer_id is not null

),

moves as (

    select * from {{ ref('int_moves__known') }}

),

-- letters to a home that another system knew the addressee to have left
letters_after_a_move as (

    select
        items.item_key,
        items.item_date,
        items.department,
        items.item_class,
        items.address_id,
        candidates.customer_id,
        candidates.person_no,
        candidates.match_basis,
        candidates.is_doubtful,
        moves.source_system,
        moves.evidence_keys,
        moves.moved_date,
        moves.known_date,
        moves.known_basis,
        moves.letters_from_date
    from items
    inner join addressees on items.item_key = addressees.item_key
    inner join candidates
        on
            addressees.item_key = candidates.item_key
            and addressees.person_no = candidates.person_no
    inner join moves
        on
            candidates.customer_id = moves.customer_id
            and items.department <> moves.source_system
            and (items.address_id = moves.old_address_id or items.uprn = moves.old_uprn)
    where
        items.item_date >= moves.moved_date
        and items.item_date >= moves.letters_from_date
        + {{ rule_parameter('letter_to_superseded_address', 'grace_days', 'items.item_date') }}

),

-- unless the addressee was known to have come back
letters_to_former_homes as (

    select letters_after_a_move.*
    from letters_after_a_move
    where not exists (
        select 1 from moves as returns
        where
            returns.customer_id = letters_after_a_move.customer_id
            and returns.new_address_id = letters_after_a_move.address_id
            and returns.moved_date >= letters_after_a_move.moved_date
            and returns.moved_date <= letters_after_a_move.item_date
            and returns.letters_from_date <= letters_after_a_move.item_date
    )

),

first_known as (

    select distinct on (item_key) *
    from letters_to_former_homes
    order by
        item_key asc,
        is_doubtful asc,
        person_no asc,
        letters_from_date asc,
        source_system asc,
        customer_id asc,
        evidence_keys asc

),

findings as (

    select
        array[item_key] as finding_subject_keys,
        'letter_to_superseded_address'::text as rule_code,
        customer_id,
        null::text as other_customer_id,
        evidence_keys,
        department as system,
        is_doubtful,
        jsonb_build_object(
            'item_date', item_date,
            'moved_date', moved_date,
            'known_date', known_date,
            'known_basis', known_basis,
            'known_by_system', source_system,
            'class', item_class,
            'match_basis', match_basis
        ) as facts
    from first_known

)

{{ select_findings('findings') }}
