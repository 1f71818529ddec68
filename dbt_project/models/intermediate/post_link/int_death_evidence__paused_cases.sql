{{ config(materialized='ephemeral') }}

with

recorded as (

    select * from {{ ref('int_death_evidence__recorded') }}

),

arrears_actions as (

    select * from {{ ref('stg_housing__arrears_action_versions') }}
    where action_code = 'DEC'

),

parties as (

    select * from {{ ref('int_account_parties') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

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

)

select * from tenants_said_dead
