{{ config(indexes=[{'columns': ['record_key']}, {'columns': ['customer_id']}]) }}

with

registration_versions as (

    select * from {{ ref('stg_deaths__registration_versions') }}

),

notifications as (

    select * from {{ ref('stg_deaths__notifications') }}

),

benefit_member_versions as (

    select * from {{ ref('stg_housing_benefit__member_versions') }}

),

social_care_versions as (

    select * from {{ ref('stg_adult_social_care__person_versions') }}

),

child_versions as (

    select * from {{ ref('stg_children_social_care__person_versions') }}

),

name_lines as (

    select * from {{ ref('int_death_evidence__name_lines') }}

),

marked_records as (

    select * from {{ ref('int_person_records__standardised') }}
    where name_says_deceased and source_table not in ('ctaccount', 'ctliab_person', 'applications')

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

registered as (

    select
        record_key,
        (array_agg(date_of_death order by known_from desc))[1] as date_of_death,
        min(known_from) as shown_from,
        min(known_from) filter (where entry_status_code = 'C') as cancelled_from,
        bool_or(entry_status_code = 'C' and known_to is null) as is_reversed
    from registration_versions
    group by record_key

),

benefit_deaths as (

    {{ newest_marked_stretch(
        'benefit_member_versions', 'date_of_death is not null',
        columns=['date_of_death', 'death_recorded_at']
    ) }}

),

social_care_deaths as (

    {{ newest_marked_stretch(
        'social_care_versions', 'date_of_death is not null',
        columns=['date_of_death', 'death_recorded_at']
    ) }}

),

child_deaths as (

    {{ newest_marked_stretch(
        'child_versions', 'date_of_death is not null', columns=['date_of_death']
    ) }}

),

evidence as (

    select
        'deaths' as source_system,
        'registrar' as source_table,
        'registrar' as evidence_type,
        10 as level,
        record_key,
        date_of_death,
        -- when it was registered is the register's knowledge, not the council's
        null::timestamptz as recorded_at,
        shown_from,
        is_reversed,
        case when is_reversed then cancelled_from end as reversed_at
    from registered

    union all

    select
        'deaths' as source_system,
        'tell_us_once' as source_table,
        'tell_us_once' as evidence_type,
        9 as level,
        record_key,
        date_of_death,
        notified_at as recorded_at,
        known_from as shown_from,
        coalesce(status_code = 'WITHDRAWN', false) as is_reversed,
        case when status_code = 'WITHDRAWN' then coalesce(withdrawn_at, known_from) end as reversed_at
    from notifications

    union all

    select
        'housing_benefit' as source_system,
        'hbmember' as source_table,
        'recorded_date' as evidence_type,
        7 as level,
        record_key,
        date_of_death,
        death_recorded_at as recorded_at,
        shown_from,
        taken_back_at is not null as is_reversed,
        taken_back_at as reversed_at
    from benefit_deaths

    union all

    select
        'adult_social_care' as source_system,
        'dm_persons' as source_table,
        'recorded_date' as evidence_type,
        7 as level,
        record_key,
        date_of_death,
        death_recorded_at as recorded_at,
        shown_from,
        taken_back_at is not null as is_reversed,
        taken_back_at as reversed_at
    from social_care_deaths

    union all

    select
        'children_social_care' as source_system,
        'ssd_person' as source_table,
        'recorded_date' as evidence_type,
        7 as level,
        record_key,
        date_of_death,
        null::timestamptz as recorded_at,
        shown_from,
        taken_back_at is not null as is_reversed,
        taken_back_at as reversed_at
    from child_deaths

    union all

    select
        source_system,
        source_table,
        'name_string' as evidence_type,
        4 as level,
        record_key,
        null::date as date_of_death,
        null::timestamptz as recorded_at,
        shown_from,
        taken_back_at is not null as is_reversed,
        taken_back_at as reversed_at
    from name_lines

    union all

    select
        source_system,
        source_table,
        'name_string' as evidence_type,
        4 as level,
        record_key,
        null::date as date_of_death,
        null::timestamptz as recorded_at,
        known_from as shown_from,
        false as is_reversed,
        null::timestamptz as reversed_at
    from marked_records

),

graded as (

    select
        {{ evidence_key('evidence.record_key', 'evidence.evidence_type') }} as evidence_key,
        evidence.record_key,
        members.customer_id,
        evidence.source_system,
        evidence.source_table,
        evidence.evidence_type,
        evidence.level::smallint as level,
        evidence.date_of_death,
        coalesce(evidence.recorded_at, evidence.shown_from) as known_at,
        case
            when evidence.recorded_at is not null then 'recorded'
            when evidence.shown_from > first_loads.first_cutoff then 'extract'
            else 'initial'
        end as known_basis,
        evidence.is_reversed,
        evidence.reversed_at
    from evidence
    left join members on evidence.record_key = members.record_key
    left join first_loads
        on evidence.source_system = first_loads.system and evidence.source_table = first_loads.table_name

)

select * from graded
