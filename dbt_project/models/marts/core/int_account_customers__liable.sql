{{ config(schema='intermediate') }}

with

parties as (

    select * from {{ ref('int_account_parties') }}
    where account_key is not null and party_role in ('lead', 'joint')

),

members as (

    select * from {{ ref('int_customers__members') }}

),

liable as (

    select
        parties.system as source_system,
        parties.account_key,
        parties.account_ref,
        parties.record_key,
        members.customer_id,
        row_number() over (
            partition by parties.account_key
            order by parties.party_no asc, parties.record_key asc
        )::integer as party_no
    from parties
    inner join members on parties.record_key = members.record_key

),

counted as (

    select
        account_key,
        count(distinct customer_id)::integer as liable_count
    from liable
    group by account_key

),

final as (

    select
        liable.source_system,
        liable.account_key,
        liable.account_ref,
        liable.record_key,
        liable.customer_id,
        liable.party_no,
        counted.liable_count,
        counted.liable_count > 1 as is_joint
    from liable
    inner join counted on liable.account_key = counted.account_key

)

select * from final
