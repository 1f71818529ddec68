with

judged as (

    select * from {{ ref('int_item_addressees__known_dead') }}
    where name_kind = 'person'

),

evidence as (

    select * from {{ ref('int_death_evidence__standing') }}

),

dead as (

    select distinct on (item_key) *
    from judged
    where is_known_dead
    order by item_key asc, customer_id asc

),

others as (

    select
        judged.item_key,
        min(judged.customer_id) as customer_id,
        -- whoever of them was meant, the letter was wrong: only a living one makes doubt
        bool_or(not judged.is_known_dead) as may_mean_a_living_person
    from judged
    inner join dead on judged.item_key = dead.item_key
    where judged.customer_id <> dead.customer_id
    group by judged.item_key

),

findings as (

    select
        array[dead.item_key] as finding_subject_keys,
        'letter_after_known_death'::text as rule_code,
        dead.customer_id,
        others.customer_id as other_customer_id,
        evidence.evidence_keys,
        dead.department as system,
        coalesce(others.may_mean_a_living_person, false) as is_doubtful,
        jsonb_build_object(
            'item_date', dead.item_date,
            'known_date', dead.known_date,
            'known_basis', dead.known_basis,
            'days_after', case
                when dead.known_basis <> 'initial' then dead.item_date - dead.known_date
            end,
            'channel', dead.channel,
            'class', dead.item_class,
            'match_basis', dead.match_basis
        ) as facts
    from dead
    inner join evidence on dead.customer_id = evidence.customer_id
    left join others on dead.item_key = others.item_key

)

{{ select_findings('findings') }}
