with

judged as (

    select * from {{ ref('int_item_addressees__known_dead') }}
    where name_kind = 'joint'

),

evidence as (

    select * from {{ ref('int_death_evidence__standing') }}

),

dead as (

    select distinct on (item_key) *
    from judged
    where is_known_dead
    order by item_key asc, is_doubtful asc, person_no asc, customer_id asc

),

others as (

    select distinct on (judged.item_key)
        judged.item_key,
        judged.customer_id
    from judged
    inner join dead on judged.item_key = dead.item_key
    where judged.customer_id <> dead.customer_id
    order by
        judged.item_key asc,
        (judged.person_no = dead.person_no) asc,
        judged.person_no asc,
        judged.customer_id asc

),

persons as (

    select
        item_key,
        count(distinct person_no) as matched_count,
        count(distinct person_no) filter (where is_known_dead) as dead_count
    from judged
    group by item_key

),

findings as (

    select
        array[dead.item_key] as finding_subject_keys,
        'joint_letter_after_one_death'::text as rule_code,
        dead.customer_id,
        others.customer_id as other_customer_id,
        evidence.evidence_keys,
        dead.department as system,
        dead.is_doubtful,
        jsonb_build_object(
            'item_date', dead.item_date,
            'known_date', dead.known_date,
            'known_basis', dead.known_basis,
            'channel', dead.channel,
            'class', dead.item_class,
            'matched_persons', persons.matched_count,
            'dead_persons', persons.dead_count
        ) as facts
    from dead
    inner join evidence on dead.customer_id = evidence.customer_id
    inner join persons on dead.item_key = persons.item_key
    left join others on dead.item_key = others.item_key

)

{{ select_findings('findings') }}
