{{ config(indexes=[{'columns': ['system', 'account_ref']}]) }}

with

parties as (

    select * from {{ ref('int_account_parties') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

memberships as (

    select * from {{ source('link', 'membership') }}

),

account_versions as (

    select * from {{ ref('stg_council_tax__account_versions') }}

),

liable_person_versions as (

    select * from {{ ref('stg_council_tax__liable_person_versions') }}

),

benefit_member_versions as (

    select * from {{ ref('stg_housing_benefit__member_versions') }}

),

claims as (

    select * from {{ ref('stg_housing_benefit__claims') }}

),

parsed_persons as (

    select * from {{ source('raw_names', 'parsed_person') }}

),

accounts as (

    select
        account_ref,
        printed_account_ref
    from account_versions
    where known_to is null

),

-- Every name that an account has shown. Who stood there under another name than today's may be another
-- person: the account passes to the survivor, and the letters of before still mean the one who died.
name_versions as (

    select
        'council_tax' as system,
        printed_account_ref as account_ref,
        record_key as source_row_key,
        full_name,
        known_from,
        known_to
    from account_versions

    union all

    select
        'council_tax' as system,
        accounts.printed_account_ref as account_ref,
        liable_person_versions.record_key as source_row_key,
        liable_person_versions.full_name,
        liable_person_versions.known_from,
        liable_person_versions.known_to
    from liable_person_versions
    inner join accounts on liable_person_versions.account_ref = accounts.account_ref

    union all

    select
        'housing_benefit' as system,
        claims.printed_account_ref as account_ref,
        benefit_member_versions.record_key as source_row_key,
        benefit_member_versions.full_name,
        benefit_member_versions.known_from,
        benefit_member_versions.known_to
    from benefit_member_versions
    inner join claims on benefit_member_versions.claim_id = claims.claim_id

),

former_names as (

    select
        system,
        account_ref,
        source_row_key,
        full_name,
        min(known_from) as known_from,
        max(known_to) as known_to
    from name_versions
    group by system, account_ref, source_row_key, full_name
    having bool_and(known_to is not null)

),

former_records as (

    select
        former_names.system,
        former_names.account_ref,
        {{ person_no_key('former_names.source_row_key', 'coalesce(parsed_persons.person_no, 1)') }}
            as record_key,
        {{ london_date('former_names.known_from') }} as from_date,
        {{ london_date('former_names.known_to') }} as to_date
    from former_names
    left join parsed_persons on former_names.full_name = parsed_persons.full_name

),

living_customers as (

    select
        customer_id,
        min(record_key) as record_key
    from members
    group by customer_id

),

former_customers as (

    select
        former_records.system,
        former_records.account_ref,
        memberships.customer_id,
        living_customers.record_key
    from former_records
    inner join memberships
        on
            former_records.record_key = memberships.record_key
            and former_records.to_date > memberships.valid_from
            and (memberships.valid_to is null or former_records.from_date < memberships.valid_to)
            and memberships.valid_from <= {{ night() }}
    -- an id that was merged into another has no records of its own any more
    inner join living_customers on memberships.customer_id = living_customers.customer_id

),

present_customers as (

    select
        parties.system,
        parties.account_ref,
        members.customer_id,
        parties.record_key
    from parties
    inner join members on parties.record_key = members.record_key

),

all_customers as (

    select
        *,
        1 as preference_no
    from present_customers

    union all

    select
        *,
        2 as preference_no
    from former_customers

),

account_customers as (

    select
        system,
        account_ref,
        customer_id,
        -- the record on the account itself, where there is one
        (array_agg(record_key order by preference_no, record_key))[1] as record_key
    from all_customers
    group by system, account_ref, customer_id

)

select * from account_customers
