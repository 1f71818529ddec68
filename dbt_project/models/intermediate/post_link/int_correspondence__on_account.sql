{{ config(materialized='ephemeral') }}

-- 1. Who stands, or has stood, on the account that the letter names.

with

letters as (

    select * from {{ ref('int_correspondence__groups') }}

),

customer_names as (

    select * from {{ ref('int_customers__names') }}

),

account_customers as (

    select * from {{ ref('int_account_customers__ever') }}

),

on_account as (

    select
        letters.group_key,
        account_customers.customer_id,
        min(account_customers.record_key) as record_key,
        max({{ name_score('letters', 'customer_names') }}) as score
    from letters
    inner join account_customers
        on
            letters.department = account_customers.system
            and letters.account_ref = account_customers.account_ref
    inner join customer_names
        on
            account_customers.customer_id = customer_names.customer_id
            and {{ surname_fits('letters', 'customer_names') }}
    group by letters.group_key, account_customers.customer_id
    having max({{ name_score('letters', 'customer_names') }}) is not null

),

best_on_account as (

    select
        *,
        max(score) over (partition by group_key) as best_score
    from on_account

)

select * from best_on_account
