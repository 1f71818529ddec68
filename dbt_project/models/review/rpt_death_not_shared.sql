with

deaths as (

    select * from {{ ref('dim_death') }}
    where known_date is not null

),

evidence as (

    select * from {{ ref('int_death_evidence__graded') }}
    where customer_id is not null and not is_reversed

),

standing as (

    select * from {{ ref('int_death_evidence__standing') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

records as (

    select * from {{ ref('int_person_records__link_input') }}
    where
        is_live_record
        and not name_says_deceased
        -- a notice of death or a call is an event, not a file that somebody keeps on a person
        and source_system not in ('deaths', 'contacts')
        and coalesce(account_to_date >= {{ night() }}, true)

),

systems_that_show as (

    select distinct
        customer_id,
        source_system
    from evidence

),

findings as (

    select
        array[records.record_key] as finding_subject_keys,
        'death_not_shared'::text as rule_code,
        deaths.customer_id,
        null::text as other_customer_id,
        standing.evidence_keys,
        records.source_system as system,
        false as is_doubtful,
        jsonb_build_object(
            'known_date', deaths.known_date,
            'known_basis', deaths.known_basis,
            'known_by_systems', deaths.known_by_systems,
            'death_status', deaths.death_status,
            'source_table', records.source_table
        ) as facts
    from deaths
    inner join members on deaths.customer_id = members.customer_id
    inner join records on members.record_key = records.record_key
    inner join standing on deaths.customer_id = standing.customer_id
    left join systems_that_show
        on
            members.customer_id = systems_that_show.customer_id
            and records.source_system = systems_that_show.source_system
    where
        systems_that_show.customer_id is null
        and {{ night() }} - deaths.known_date
        > {{ rule_parameter('death_not_shared', 'days') }}

)

{{ select_findings('findings') }}
