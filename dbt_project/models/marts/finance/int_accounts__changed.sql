{{ config(schema='intermediate') }}

with

accounts as (

    select record_key as account_key from {{ ref('stg_council_tax__accounts') }}
    union all
    select source_row_key as account_key from {{ ref('stg_housing__tenancies') }}
    union all
    select record_key as account_key from {{ ref('stg_adult_social_care__persons') }}
    union all
    select record_key as account_key from {{ ref('stg_grants__applications') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

parties as (

    select * from {{ ref('int_account_parties') }}

),

liable as (

    select * from {{ ref('int_account_customers__liable') }}

),

changed as (

    -- the row of the account, or any row that belongs to it: also accounts that are gone
    {{ work_list('record') }}
    union
    -- a person on the account
    select parties.account_key
    from parties
    inner join members on parties.record_key = members.record_key
    where
        members.customer_id in ({{ work_list('customer') }})
        or parties.record_key in ({{ work_list('record') }})
    union
    -- the same person's earlier accounts
    select account_key from liable
    where customer_id in ({{ work_list('customer') }})
    union
    select accounts.account_key
    from accounts
    where {{ is_first_build() }}

),

final as (

    select record_key as account_key
    from changed
    where record_key is not null

)

select * from final
