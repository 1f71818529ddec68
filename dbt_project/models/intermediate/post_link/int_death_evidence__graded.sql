{{ config(indexes=[
    {'columns': ['evidence_key'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['customer_id']}
]) }}

with

recorded as (

    select * from {{ ref('int_death_evidence__recorded') }}

),

tenants_said_dead as (

    select * from {{ ref('int_death_evidence__paused_cases') }}

),

members_named_dead as (

    select * from {{ ref('int_death_evidence__household_names') }}

),

returned_letters as (

    select * from {{ ref('int_death_evidence__returned_letters') }}

),

bereavement_hints as (

    select * from {{ ref('int_death_evidence__bereavements') }}

),

facts as (

    select * from {{ ref('int_facts__told') }}
    where kind in ('death', 'death_reversed')

),

told as (

    select
        {{ evidence_key('subject_record_key', "concat('fact#', fact_id)") }} as evidence_key,
        subject_record_key as record_key,
        customer_id,
        'facts' as source_system,
        'fact' as source_table,
        evidence_code as evidence_type,
        level,
        date_of_death,
        known_at,
        'recorded' as known_basis,
        false as is_reversed,
        null::timestamptz as reversed_at
    from facts
    where kind = 'death'

),

-- a word that the person lives takes back whatever was known until then, from whichever source
lives as (

    select
        customer_id,
        max(known_at) as lives_at
    from facts
    where kind = 'death_reversed' and customer_id is not null
    group by customer_id

),

members as (

    select * from {{ ref('int_customers__members') }}

),

first_loads as (

    select
        system,
        table_name,
        {{ london_midnight('min(night)') }} as first_cutoff
    from {{ source('audit', 'load') }}
    where status in ('loaded', 'half')
    group by system, table_name

),

weaker_evidence as (

    select
        'housing' as source_system,
        'araction' as source_table,
        'arrears_action' as evidence_type,
        5 as level,
        record_key,
        null::timestamptz as recorded_at,
        shown_from
    from tenants_said_dead

    union all

    select
        'housing' as source_system,
        'contacts' as source_table,
        'name_string' as evidence_type,
        4 as level,
        record_key,
        null::timestamptz as recorded_at,
        shown_from
    from members_named_dead

    union all

    select
        'correspondence' as source_system,
        'print_items' as source_table,
        'returned_letter' as evidence_type,
        3 as level,
        record_key,
        {{ london_midnight('returned_date') }} as recorded_at,
        null::timestamptz as shown_from
    from returned_letters

    union all

    select
        'contacts' as source_system,
        'cccontact' as source_table,
        'contact' as evidence_type,
        2 as level,
        record_key,
        contacted_at as recorded_at,
        null::timestamptz as shown_from
    from bereavement_hints

),

weaker_named as (

    select
        *,
        concat(source_table, '#', evidence_type) as evidence_name
    from weaker_evidence

),

weaker_graded as (

    select
        {{ evidence_key('weaker_evidence.record_key', 'weaker_evidence.evidence_name') }} as evidence_key,
        weaker_evidence.record_key,
        members.customer_id,
        weaker_evidence.source_system,
        weaker_evidence.source_table,
        weaker_evidence.evidence_type,
        weaker_evidence.level::smallint as level,
        null::date as date_of_death,
        coalesce(weaker_evidence.recorded_at, weaker_evidence.shown_from) as known_at,
        case
            when weaker_evidence.recorded_at is not null then 'recorded'
            when weaker_evidence.shown_from > first_loads.first_cutoff then 'extract'
            else 'initial'
        end as known_basis,
        false as is_reversed,
        null::timestamptz as reversed_at
    from weaker_named as weaker_evidence
    left join members on weaker_evidence.record_key = members.record_key
    left join first_loads
        on
            weaker_evidence.source_system = first_loads.system
            and weaker_evidence.source_table = first_loads.table_name

),

by_source as (

    select
        evidence_key,
        record_key,
        customer_id,
        source_system,
        source_table,
        evidence_type,
        level,
        date_of_death,
        known_at,
        known_basis,
        is_reversed,
        reversed_at
    from recorded

    union all

    select
        evidence_key,
        record_key,
        customer_id,
        source_system,
        source_table,
        evidence_type,
        level,
        date_of_death,
        known_at,
        known_basis,
        is_reversed,
        reversed_at
    from weaker_graded

    union all

    select
        evidence_key,
        record_key,
        customer_id,
        source_system,
        source_table,
        evidence_type,
        level,
        date_of_death,
        known_at,
        known_basis,
        is_reversed,
        reversed_at
    from told

),

graded as (

    select
        by_source.evidence_key,
        by_source.record_key,
        by_source.customer_id,
        by_source.source_system,
        by_source.source_table,
        by_source.evidence_type,
        by_source.level,
        by_source.date_of_death,
        by_source.known_at,
        by_source.known_basis,
        by_source.is_reversed or lives.customer_id is not null as is_reversed,
        coalesce(by_source.reversed_at, lives.lives_at) as reversed_at,
        not by_source.is_reversed and lives.customer_id is not null as is_contradicted
    from by_source
    left join lives
        on
            by_source.customer_id = lives.customer_id
            and by_source.known_at <= lives.lives_at

)

select * from graded
