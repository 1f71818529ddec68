{{ config(materialized='ephemeral') }}

with

household_contacts as (

    select * from {{ ref('stg_housing__contact_versions') }}

),

housing_members as (

    select * from {{ ref('stg_housing__members') }}

),

parsed_names as (

    select * from {{ source('raw_names', 'parsed_name') }}
    where deceased and kind in ('person', 'estate')

),

first_persons as (

    select
        full_name,
        {{ name_std('surname') }} as surname_std,
        {{ name_std('forename') }} as forename_std
    from {{ source('raw_names', 'parsed_person') }}
    where person_no = 1

),

-- The household's name on letters says that one of its members is dead: the one it names.
household_lines as (

    select
        household_contacts.house_ref,
        household_contacts.full_name,
        min(household_contacts.known_from) as shown_from
    from household_contacts
    inner join parsed_names on household_contacts.full_name = parsed_names.full_name
    group by household_contacts.house_ref, household_contacts.full_name
    having bool_or(household_contacts.known_to is null)

),

members_named_dead as (

    select
        housing_members.record_key,
        household_lines.shown_from,
        count(*) over (partition by household_lines.house_ref) as named_members
    from household_lines
    inner join first_persons on household_lines.full_name = first_persons.full_name
    inner join housing_members
        on
            household_lines.house_ref = housing_members.house_ref
            and {{ name_std('housing_members.surname') }} = first_persons.surname_std
            and (
                first_persons.forename_std is null
                or starts_with({{ name_std('housing_members.forename') }}, first_persons.forename_std)
            )

),

only_member_named as (

    select
        record_key,
        shown_from
    from members_named_dead
    where named_members = 1

)

select * from only_member_named
