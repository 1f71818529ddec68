{{ config(materialized='ephemeral') }}

-- A whole forename on the account settles who is meant, so only the other letters are looked up.

with

letters as (

    select * from {{ ref('int_correspondence__groups') }}

),

account_customers as (

    select * from {{ ref('int_account_customers__ever') }}

),

best_on_account as (

    select * from {{ ref('int_correspondence__on_account') }}

),

known_accounts as (

    select
        system,
        account_ref
    from account_customers
    group by system, account_ref

),

letters_to_place as (

    select
        letters.group_key,
        letters.department,
        letters.account_ref,
        letters.postcode_std,
        letters.address_id,
        letters.uprn,
        letters.email,
        letters.phone,
        letters.surname_std,
        letters.forename_std,
        letters.middle_std,
        letters.suffix_std,
        letters.title_sex,
        known_accounts.account_ref is not null as is_account_known
    from letters
    left join known_accounts
        on
            letters.department = known_accounts.system
            and letters.account_ref = known_accounts.account_ref
    where
        letters.group_key not in (
            select best_on_account.group_key from best_on_account
            where best_on_account.best_score >= {{ whole_forename_score() }}
        )

)

select * from letters_to_place
