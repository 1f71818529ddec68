{{ config(schema='intermediate') }}

with

parties as (

    select * from {{ ref('int_account_parties') }}
    where account_key is not null and party_role in ('lead', 'joint')

),

tenancies as (

    select * from {{ ref('stg_housing__tenancies') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

parties_of_each_account as (

    select
        parties.system as source_system,
        -- a household keeps its members over several tenancies, each an account of its own
        coalesce(tenancies.source_row_key, parties.account_key) as account_key,
        parties.record_key,
        parties.party_no,
        members.customer_id
    from parties
    inner join members on parties.record_key = members.record_key
    left join tenancies
        on parties.system = 'housing' and parties.account_ref = tenancies.tenancy_ref

),

-- who stands on an account twice, as with two homes of one claim, is one of its people
customers as (

    select distinct on (account_key, customer_id)
        source_system,
        account_key,
        record_key,
        party_no,
        customer_id
    from parties_of_each_account
    order by account_key asc, customer_id asc, party_no asc, record_key asc

),

final as (

    select
        source_system,
        account_key,
        record_key,
        customer_id,
        row_number() over (
            partition by account_key order by party_no asc, record_key asc
        )::integer as party_no,
        (count(*) over (partition by account_key))::integer as liable_count,
        count(*) over (partition by account_key) > 1 as is_joint
    from customers

)

select * from final
