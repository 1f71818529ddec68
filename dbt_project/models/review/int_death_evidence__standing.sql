{{ config(schema='intermediate') }}

with

evidence as (

    select * from {{ ref('int_death_evidence__graded') }}
    where customer_id is not null and not is_reversed

),

status_rules as (

    select * from {{ ref('death_status_rules') }}
    where is_known_death

),

final as (

    select
        evidence.customer_id,
        array_agg(evidence.evidence_key order by evidence.evidence_key asc) as evidence_keys
    from evidence
    inner join status_rules
        on evidence.level between status_rules.min_level and status_rules.max_level
    group by evidence.customer_id

)

select * from final
