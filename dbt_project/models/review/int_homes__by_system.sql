{{ config(schema='intermediate') }}

with

parties as (

    select * from {{ ref('int_account_parties') }}
    where party_role in ('lead', 'joint')

),

council_tax_accounts as (

    select * from {{ ref('stg_council_tax__accounts') }}

),

occupations as (

    select * from {{ ref('stg_council_tax__occupations') }}

),

council_tax_properties as (

    select * from {{ ref('stg_council_tax__properties') }}

),

benefit_members as (

    select * from {{ ref('stg_housing_benefit__members') }}

),

benefit_homes as (

    select * from {{ ref('stg_housing_benefit__households') }}

),

housing_members as (

    select * from {{ ref('stg_housing__members') }}

),

tenancies as (

    select * from {{ ref('stg_housing__tenancies') }}

),

housing_properties as (

    select * from {{ ref('stg_housing__properties') }}

),

care_persons as (

    select * from {{ ref('stg_adult_social_care__persons') }}

),

care_addresses as (

    select * from {{ ref('stg_adult_social_care__addresses') }}

),

children as (

    select * from {{ ref('stg_children_social_care__persons') }}

),

child_addresses as (

    select * from {{ ref('stg_children_social_care__addresses') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

address_texts as (

    select * from {{ ref('int_address_texts') }}

),

first_loads as (

    select
        system,
        {{ london_midnight('min(night)') }} as first_cutoff
    from {{ source('audit', 'load') }}
    where status in ('loaded', 'half')
    group by system

),

-- the systems that keep a person's homes by date, and so know of a move
homes as (

    select
        'council_tax'::text as source_system,
        occupations.source_row_key as home_key,
        parties.record_key,
        council_tax_properties.address_line,
        council_tax_properties.postcode,
        council_tax_properties.uprn,
        occupations.occupied_from_date as start_date,
        occupations.occupied_to_date as end_date,
        occupations.known_from,
        council_tax_accounts.address_line as forwarding_line,
        council_tax_accounts.postcode as forwarding_postcode,
        council_tax_accounts.forwarding_updated_at
    from occupations
    inner join council_tax_accounts
        on occupations.account_ref = council_tax_accounts.account_ref
    inner join council_tax_properties
        on occupations.property_ref = council_tax_properties.property_ref
    inner join parties
        on
            parties.system = 'council_tax'
            and council_tax_accounts.printed_account_ref = parties.account_ref
    union all
    select
        'housing_benefit'::text as source_system,
        benefit_homes.source_row_key as home_key,
        benefit_members.record_key,
        benefit_homes.address_line,
        benefit_homes.postcode,
        benefit_homes.uprn,
        benefit_homes.from_date as start_date,
        benefit_homes.to_date as end_date,
        benefit_homes.known_from,
        null::text as forwarding_line,
        null::text as forwarding_postcode,
        null::timestamptz as forwarding_updated_at
    from benefit_homes
    inner join benefit_members
        on
            benefit_homes.claim_id = benefit_members.claim_id
            and benefit_homes.house_no = benefit_members.house_no
    union all
    select
        'housing'::text as source_system,
        tenancies.source_row_key as home_key,
        housing_members.record_key,
        housing_properties.address_line,
        housing_properties.postcode,
        housing_properties.uprn,
        tenancies.start_date,
        tenancies.end_date,
        tenancies.known_from,
        null::text as forwarding_line,
        null::text as forwarding_postcode,
        null::timestamptz as forwarding_updated_at
    from tenancies
    inner join housing_properties
        on tenancies.property_ref = housing_properties.property_ref
    inner join housing_members on tenancies.house_ref = housing_members.house_ref
    where housing_members.is_responsible
    union all
    select
        'adult_social_care'::text as source_system,
        care_addresses.source_row_key as home_key,
        care_persons.record_key,
        care_addresses.address_line,
        care_addresses.postcode,
        care_addresses.uprn,
        care_addresses.start_date,
        care_addresses.end_date,
        care_addresses.known_from,
        null::text as forwarding_line,
        null::text as forwarding_postcode,
        null::timestamptz as forwarding_updated_at
    from care_addresses
    inner join care_persons on care_addresses.person_ref = care_persons.person_ref
    union all
    select
        'children_social_care'::text as source_system,
        child_addresses.source_row_key as home_key,
        children.record_key,
        child_addresses.address_line,
        child_addresses.postcode,
        child_addresses.uprn,
        child_addresses.start_date,
        child_addresses.end_date,
        child_addresses.known_from,
        null::text as forwarding_line,
        null::text as forwarding_postcode,
        null::timestamptz as forwarding_updated_at
    from child_addresses
    inner join children on child_addresses.person_ref = children.person_ref

),

final as (

    select
        members.customer_id,
        homes.source_system,
        homes.home_key,
        homes.record_key,
        address_texts.address_id,
        homes.uprn,
        homes.start_date,
        homes.end_date,
        homes.known_from,
        homes.known_from > first_loads.first_cutoff as is_known_by_extract,
        forwarding_texts.address_id as forwarding_address_id,
        homes.forwarding_line is not null as has_forwarding_address,
        homes.forwarding_updated_at
    from homes
    inner join members on homes.record_key = members.record_key
    inner join first_loads on homes.source_system = first_loads.system
    left join address_texts
        on
            {{ address_text_key('homes.address_line', 'homes.postcode') }}
            = address_texts.address_text_key
    left join address_texts as forwarding_texts
        on
            {{ address_text_key('homes.forwarding_line', 'homes.forwarding_postcode') }}
            = forwarding_texts.address_text_key

)

select * from final
