{{ config(materialized='view') }}

with

records as (

    select * from {{ ref('int_person_records__standardised') }}

),

contacts as (

    select * from {{ ref('stg_contacts__contacts') }}

),

contact_links as (

    select * from {{ ref('stg_contacts__contact_links') }}

),

claims as (

    select * from {{ ref('stg_housing_benefit__claims') }}

),

council_tax_references as (

    select * from {{ ref('stg_housing_benefit__council_tax_references') }}

),

accounts as (

    select
        source_system,
        account_ref,
        min(account_key) as account_key
    from records
    where source_system in ('council_tax', 'housing_benefit', 'housing') and account_ref is not null
    group by source_system, account_ref

),

contact_accounts as (

    select
        contacts.record_key,
        accounts.account_key
    from contacts
    inner join contact_links on contacts.contact_ref = contact_links.contact_ref
    inner join accounts
        on
            contact_links.printed_account_ref = accounts.account_ref
            and case contact_links.link_type_code
                when 'CT' then 'council_tax' when 'HB' then 'housing_benefit' when 'HSG' then 'housing'
            end = accounts.source_system

),

claim_accounts as (

    select
        records.record_key,
        accounts.account_key
    from records
    inner join claims on records.account_key = claims.source_row_key
    inner join council_tax_references on claims.claim_id = council_tax_references.claim_id
    inner join accounts
        on
            council_tax_references.council_tax_printed_ref = accounts.account_ref
            and accounts.source_system = 'council_tax'
    where records.source_system = 'housing_benefit'

),

-- a record that names several accounts is known by one, the same each night
links as (

    select
        record_key,
        min(account_key) as other_account_key
    from (
        select * from contact_accounts
        union all
        select * from claim_accounts
    ) as found
    group by record_key

)

select * from links
