with

records as (

    select * from {{ ref('int_person_records__unlinkable') }}
    -- companies and placeholders are rightly no person
    where reason not in ('organisation', 'placeholder')

),

findings as (

    select
        array[record_key] as finding_subject_keys,
        'record_unlinkable'::text as rule_code,
        null::text as customer_id,
        null::text as other_customer_id,
        array[record_key] as evidence_keys,
        source_system as system,
        false as is_doubtful,
        jsonb_build_object(
            'reason', reason,
            'source_table', source_table,
            'shown_since', {{ london_date('known_from') }}
        ) as facts
    from records

)

{{ select_findings('findings') }}
