{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ delete_worked('account_key', query=changed_accounts()) }}"
    )
}}

with

account_transactions as (

    select * from {{ ref('int_account_transactions') }}
    where {{ in_work_list('account_key', query=changed_accounts()) }}

),

council_tax_accounts as (

    select
        account_ref,
        record_key as account_key
    from {{ ref('stg_council_tax__accounts') }}
    where {{ in_work_list('record_key', query=changed_accounts()) }}

),

recovery_stages as (

    select * from {{ ref('stg_council_tax__recovery_stages') }}

),

tenancies as (

    select
        tenancy_ref,
        source_row_key as account_key
    from {{ ref('stg_housing__tenancies') }}
    where {{ in_work_list('source_row_key', query=changed_accounts()) }}

),

arrears_actions as (

    select * from {{ ref('stg_housing__arrears_actions') }}

),

liable_customers as (

    select * from {{ ref('int_account_customers__liable') }}

),

changes as (

    select
        account_key,
        source_system,
        service_code,
        transaction_date as change_date,
        case when kind in ('charged', 'paid') then kind else 'adjusted' end as kind,
        amount_gbp,
        null::integer as stage_no,
        null::text as stage_code
    from account_transactions
    union all
    select
        council_tax_accounts.account_key,
        'council_tax'::text as source_system,
        'council_tax'::text as service_code,
        recovery_stages.stage_date as change_date,
        'stage'::text as kind,
        0 as amount_gbp,
        recovery_stages.stage_no::integer as stage_no,
        recovery_stages.stage_code
    from recovery_stages
    inner join council_tax_accounts
        on recovery_stages.account_ref = council_tax_accounts.account_ref
    union all
    select
        tenancies.account_key,
        'housing'::text as source_system,
        'tenancy'::text as service_code,
        arrears_actions.action_date as change_date,
        'stage'::text as kind,
        0 as amount_gbp,
        arrears_actions.action_no::integer as stage_no,
        arrears_actions.action_code as stage_code
    from arrears_actions
    inner join tenancies on arrears_actions.tenancy_ref = tenancies.tenancy_ref

),

days as (

    select
        account_key,
        source_system,
        service_code,
        change_date,
        coalesce(sum(amount_gbp) filter (where kind = 'charged'), 0) as charged_gbp,
        coalesce(-sum(amount_gbp) filter (where kind = 'paid'), 0) as paid_gbp,
        coalesce(sum(amount_gbp) filter (where kind = 'adjusted'), 0) as adjusted_gbp,
        coalesce(sum(amount_gbp), 0) as change_gbp,
        -- the stage with the highest number counts; its code travels beside it
        max(array[lpad(stage_no::text, 10, '0'), stage_code]) filter (
            where kind = 'stage'
        ) as stage
    from changes
    where change_date is not null
    group by account_key, source_system, service_code, change_date

),

balances as (

    select
        days.*,
        sum(change_gbp) over until_that_day as balance_gbp,
        max(stage) over until_that_day as reached_stage,
        lead(change_date) over (
            partition by account_key order by change_date asc
        ) is null as is_latest
    from days
    window until_that_day as (partition by account_key order by change_date asc)

),

final as (

    select
        liable_customers.customer_id,
        balances.account_key,
        balances.change_date,
        balances.source_system,
        balances.service_code,
        balances.charged_gbp::numeric(12, 2) as charged_gbp,
        balances.paid_gbp::numeric(12, 2) as paid_gbp,
        balances.adjusted_gbp::numeric(12, 2) as adjusted_gbp,
        balances.balance_gbp::numeric(12, 2) as balance_gbp,
        balances.is_latest,
        liable_customers.is_joint,
        liable_customers.liable_count,
        balances.reached_stage[2] as recovery_stage_code
    from balances
    inner join liable_customers on balances.account_key = liable_customers.account_key

)

select * from final
