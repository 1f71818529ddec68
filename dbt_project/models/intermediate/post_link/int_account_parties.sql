{{ config(indexes=[{'columns': ['system', 'account_ref']}, {'columns': ['record_key']}]) }}

with

records as (

    select * from {{ ref('int_person_records__standardised') }}
    where unlinkable_reason is null and account_ref is not null

),

-- A household may have held more than one tenancy; letters name any of them.
account_refs as (

    select
        source_system,
        account_ref,
        account_key,
        record_key,
        party_no,
        party_role,
        account_from_date,
        account_to_date
    from records

    union all

    select
        records.source_system,
        other_refs.account_ref,
        records.account_key,
        records.record_key,
        records.party_no,
        records.party_role,
        null as account_from_date,
        null as account_to_date
    from records
    cross join lateral unnest(records.other_account_refs) as other_refs (account_ref)
    where other_refs.account_ref <> records.account_ref

),

parties as (

    select
        source_system as system,
        account_ref,
        account_key,
        record_key,
        row_number() over (
            partition by source_system, account_ref
            order by
                case party_role when 'lead' then 1 when 'joint' then 2 else 3 end, party_no, record_key
        )::smallint as party_no,
        party_role,
        account_from_date as from_date,
        account_to_date as to_date
    from account_refs

)

select * from parties
