with

account_versions as (

    select
        'council_tax' as source_system,
        'ctaccount' as source_table,
        record_key,
        full_name,
        known_from,
        known_to
    from {{ ref('stg_council_tax__account_versions') }}

),

liable_person_versions as (

    select
        'council_tax' as source_system,
        'ctliab_person' as source_table,
        record_key,
        full_name,
        known_from,
        known_to
    from {{ ref('stg_council_tax__liable_person_versions') }}

),

application_versions as (

    select
        'grants' as source_system,
        'applications' as source_table,
        record_key,
        full_name,
        known_from,
        known_to
    from {{ ref('stg_grants__application_versions') }}

),

parsed_names as (

    select * from {{ source('raw_names', 'parsed_name') }}

),

first_persons as (

    select
        full_name,
        {{ name_std('surname') }} as surname_std,
        left({{ name_std('forename') }}, 1) as initial
    from {{ source('raw_names', 'parsed_person') }}
    where person_no = 1

),

line_versions as (

    select * from account_versions

    union all

    select * from liable_person_versions

    union all

    select * from application_versions

),

-- A line for several persons does not say which of them is dead.
parsed_versions as (

    select
        line_versions.source_system,
        line_versions.source_table,
        line_versions.record_key,
        line_versions.known_from,
        line_versions.known_to,
        first_persons.surname_std,
        first_persons.initial,
        parsed_names.deceased and parsed_names.kind in ('person', 'estate') as says_deceased
    from line_versions
    left join parsed_names on line_versions.full_name = parsed_names.full_name
    left join first_persons on line_versions.full_name = first_persons.full_name

),

newest_stretches as (

    {{ newest_marked_stretch(
        'parsed_versions', 'says_deceased',
        columns=['source_system', 'source_table', 'surname_std', 'initial'],
        next_columns=['surname_std', 'initial']
    ) }}

),

-- When the line passes to another person, that takes nothing back, but the record is now that person's.
about_the_same_person as (

    select
        record_key,
        source_system,
        source_table,
        shown_from,
        taken_back_at
    from newest_stretches
    where
        taken_back_at is null
        or (
            next_surname_std = surname_std
            and coalesce(next_initial, initial, '') = coalesce(initial, next_initial, '')
        )

)

select * from about_the_same_person
