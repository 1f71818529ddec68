{{ config(indexes=[
    {'columns': ['evidence_key'], 'unique': true}, {'columns': ['record_key']}, {'columns': ['customer_id']}
]) }}

with

recorded as (

    select * from {{ ref('int_death_evidence__recorded') }}

),

arrears_actions as (

    select * from {{ ref('stg_housing__arrears_action_versions') }}
    where action_code = 'DEC'

),

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

parties as (

    select * from {{ ref('int_account_parties') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

items as (

    select * from {{ ref('int_correspondence__items') }}
    where return_reason = 'deceased'

),

addressees as (

    select * from {{ ref('int_correspondence__addressees') }}
    -- a letter to two persons that comes back does not say which of them is dead
    where name_kind = 'person'

),

addressee_customers as (

    select * from {{ ref('int_correspondence__addressee_customers') }}
    where not is_doubtful and record_key is not null

),

contacts as (

    select * from {{ ref('stg_contacts__contacts') }}
    where reason_code = 'BEREAVEMENT'

),

contact_links as (

    select * from {{ ref('stg_contacts__contact_links') }}

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

-- A paused case says that a tenant is dead, not which one.
paused_cases as (

    select
        tenancy_ref,
        min(known_from) as shown_from
    from arrears_actions
    group by tenancy_ref
    having bool_or(known_to is null)

),

dead_by_other_evidence as (

    select distinct customer_id
    from recorded
    where not is_reversed and level >= 7 and customer_id is not null

),

tenants_of_paused_cases as (

    select
        paused_cases.tenancy_ref,
        paused_cases.shown_from,
        parties.record_key,
        dead_by_other_evidence.customer_id is not null as is_dead_elsewhere,
        count(*) over (partition by paused_cases.tenancy_ref) as tenants,
        count(dead_by_other_evidence.customer_id) over (partition by paused_cases.tenancy_ref)
            as tenants_dead_elsewhere
    from paused_cases
    inner join parties
        on
            parties.system = 'housing'
            and paused_cases.tenancy_ref = parties.account_ref
            and parties.party_role in ('lead', 'joint')
    left join members on parties.record_key = members.record_key
    left join dead_by_other_evidence on members.customer_id = dead_by_other_evidence.customer_id

),

tenants_said_dead as (

    select
        record_key,
        min(shown_from) as shown_from
    from tenants_of_paused_cases
    where tenants = 1 or (is_dead_elsewhere and tenants_dead_elsewhere = 1)
    group by record_key

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

returned_letters as (

    select
        addressee_customers.record_key,
        min(items.returned_date) as returned_date
    from items
    inner join addressees on items.item_key = addressees.item_key
    inner join addressee_customers
        on
            addressees.item_key = addressee_customers.item_key
            and addressees.person_no = addressee_customers.person_no
    group by addressee_customers.record_key

),

-- Who calls about a bereavement is alive; the hint is about the account's only other person.
bereaved_accounts as (

    select
        contacts.contacted_at,
        parties.record_key,
        count(*) over (partition by contacts.record_key, parties.account_ref) as other_parties
    from contacts
    inner join contact_links on contacts.contact_ref = contact_links.contact_ref
    inner join parties
        on
            contact_links.printed_account_ref = parties.account_ref
            and parties.party_role in ('lead', 'joint')
            and parties.system = case contact_links.link_type_code
                when 'CT' then 'council_tax'
                when 'HB' then 'housing_benefit'
                when 'HSG' then 'housing'
            end
    left join members as callers on contacts.record_key = callers.record_key
    left join members as others on parties.record_key = others.record_key
    where others.customer_id is distinct from callers.customer_id

),

bereavement_hints as (

    select
        record_key,
        min(contacted_at) as contacted_at
    from bereaved_accounts
    where other_parties = 1
    group by record_key

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
    where named_members = 1

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
