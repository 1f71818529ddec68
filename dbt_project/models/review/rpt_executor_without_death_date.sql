with

records as (

    select * from {{ ref('int_person_records__link_input') }}
    where name_kind = 'estate' or name_says_deceased

),

members as (

    select * from {{ ref('int_customers__members') }}

),

deaths as (

    select * from {{ ref('dim_death') }}

),

findings as (

    select
        array[records.record_key] as finding_subject_keys,
        'executor_without_death_date'::text as rule_code,
        members.customer_id,
        null::text as other_customer_id,
        array[records.record_key] as evidence_keys,
        records.source_system as system,
        false as is_doubtful,
        jsonb_build_object(
            'name_kind', records.name_kind,
            'death_status', coalesce(deaths.death_status, 'none'),
            'shown_since', {{ london_date('records.known_from') }},
            'source_table', records.source_table
        ) as facts
    from records
    left join members on records.record_key = members.record_key
    left join deaths on members.customer_id = deaths.customer_id
    where deaths.death_date is null

)

{{ select_findings('findings') }}
