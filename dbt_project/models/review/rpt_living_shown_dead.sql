with

evidence as (

    select * from {{ ref('int_death_evidence__graded') }}
    -- a hint says nothing of a record, and what was told is withdrawn by who told it
    where is_contradicted and customer_id is not null and source_system <> 'facts'

),

status_rules as (

    select * from {{ ref('death_status_rules') }}
    where death_status <> 'none'

),

findings as (

    select
        array[evidence.evidence_key] as finding_subject_keys,
        'living_shown_dead'::text as rule_code,
        evidence.customer_id,
        null::text as other_customer_id,
        array[evidence.record_key] as evidence_keys,
        evidence.source_system as system,
        false as is_doubtful,
        jsonb_build_object(
            'table', evidence.source_table,
            'evidence_type', evidence.evidence_type,
            'level', evidence.level,
            'lives_since_known_at', evidence.reversed_at
        ) as facts
    from evidence
    inner join status_rules
        on evidence.level between status_rules.min_level and status_rules.max_level

)

{{ select_findings('findings') }}
