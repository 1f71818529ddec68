with

contacts as (

    select * from {{ ref('stg_contacts__contacts') }}

),

contact_links as (

    select * from {{ ref('stg_contacts__contact_links') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

links_per_contact as (

    select
        contact_ref,
        count(*)::integer as linked_account_count
    from contact_links
    group by contact_ref

),

final as (

    select
        contacts.record_key as contact_id,
        members.customer_id,
        'contacts'::text as source_system,
        contacts.contacted_at,
        {{ london_date('contacts.contacted_at') }} as contact_date,
        contacts.channel_code,
        contacts.reason_code,
        contacts.outcome_code,
        coalesce(links_per_contact.linked_account_count, 0) as linked_account_count
    from contacts
    left join members on contacts.record_key = members.record_key
    left join links_per_contact on contacts.contact_ref = links_per_contact.contact_ref

)

select * from final
