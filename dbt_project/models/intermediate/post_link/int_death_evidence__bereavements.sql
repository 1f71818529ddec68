{{ config(materialized='ephemeral') }}

with

contacts as (

    select * from {{ ref('stg_contacts__contacts') }}
    where reason_code = 'BEREAVEMENT'

),

contact_links as (

    select * from {{ ref('stg_contacts__contact_links') }}

),

parties as (

    select * from {{ ref('int_account_parties') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

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

)

select * from bereavement_hints
