with

evidence as (

    select * from {{ ref('int_death_evidence__graded') }}
    where customer_id is not null

),

status_rules as (

    select * from {{ ref('death_status_rules') }}

),

graded as (

    select
        evidence.*,
        status_rules.death_status,
        status_rules.status_rule_code,
        -- before the first extract that showed it, nobody can say since when a system knew:
        -- such a death counts from that day on, any other from the day after it was known
        status_rules.is_known_death and not evidence.is_reversed as is_known,
        {{ london_date('evidence.known_at') }}
        + case when evidence.known_basis = 'initial' then 0 else 1 end as letters_from_date
    from evidence
    inner join status_rules
        on evidence.level between status_rules.min_level and status_rules.max_level

),

strongest as (

    select distinct on (customer_id)
        customer_id,
        death_status,
        status_rule_code,
        level
    from graded
    where not is_reversed
    order by customer_id asc, level desc, known_at asc, evidence_key asc

),

dated as (

    select distinct on (customer_id)
        customer_id,
        date_of_death
    from graded
    where not is_reversed and death_status <> 'none' and date_of_death is not null
    order by customer_id asc, level desc, known_at asc, evidence_key asc

),

first_known as (

    select distinct on (customer_id)
        customer_id,
        known_at,
        known_basis
    from graded
    where is_known
    order by customer_id asc, known_at asc, known_basis desc, evidence_key asc

),

summed as (

    select
        customer_id,
        min(date_of_death) filter (
            where not is_reversed and death_status <> 'none'
        ) as min_death_date,
        max(date_of_death) filter (
            where not is_reversed and death_status <> 'none'
        ) as max_death_date,
        min(letters_from_date) filter (where is_known) as letters_from_date,
        string_agg(distinct source_system, ', ') filter (where is_known) as known_by_systems,
        count(*)::integer as evidence_count,
        (count(*) filter (where is_reversed))::integer as reversed_evidence_count,
        -- a hint taken back is not a death taken back
        bool_or(is_reversed and death_status <> 'none') as has_reversed_death
    from graded
    group by customer_id

),

final as (

    select
        summed.customer_id,
        case
            when strongest.death_status <> 'none' then strongest.death_status
            when summed.has_reversed_death then 'reversed'
            else 'none'
        end as death_status,
        case
            when strongest.death_status <> 'none' then strongest.status_rule_code
            when summed.has_reversed_death then 'all_reversed'
            else 'hint_only'
        end as status_rule_code,
        dated.date_of_death as death_date,
        summed.min_death_date,
        summed.max_death_date,
        coalesce(summed.min_death_date <> summed.max_death_date, false) as has_date_conflict,
        first_known.known_at,
        {{ london_date('first_known.known_at') }} as known_date,
        first_known.known_basis,
        summed.letters_from_date,
        summed.known_by_systems,
        strongest.level::integer as highest_level,
        summed.evidence_count,
        summed.reversed_evidence_count
    from summed
    left join strongest on summed.customer_id = strongest.customer_id
    left join dated on summed.customer_id = dated.customer_id
    left join first_known on summed.customer_id = first_known.customer_id

)

select * from final
