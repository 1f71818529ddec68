{#- Overdue steps of disclosures as findings: what is late, never what the need is. -#}
{% macro support_findings(rule_code, relation, until=none) -%}
    select
        array[subject_record_key, fact_id::text] as finding_subject_keys,
        '{{ rule_code }}'::text as rule_code,
        customer_id,
        null::text as other_customer_id,
        array[subject_record_key] as evidence_keys,
        null::text as system,
        false as is_doubtful,
        jsonb_build_object(
            'fact_id', fact_id,
            'department', source_department,
            'reference', reference,
            'due_on', due_on,
            'days_overdue', {{ until or night() }} - due_on
        ) as facts
    from {{ relation }}
{%- endmacro %}
