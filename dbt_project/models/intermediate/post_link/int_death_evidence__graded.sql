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

graded as (

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

)

select * from graded
