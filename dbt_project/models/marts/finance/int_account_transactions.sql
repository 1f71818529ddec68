{{ config(materialized='ephemeral') }}

with

council_tax_accounts as (

    select
        account_ref,
        record_key as account_key
    from {{ ref('stg_council_tax__accounts') }}

),

council_tax_transactions as (

    select * from {{ ref('stg_council_tax__transactions') }}

),

tenancies as (

    select
        tenancy_ref,
        source_row_key as account_key
    from {{ ref('stg_housing__tenancies') }}

),

rent_transactions as (

    select * from {{ ref('stg_housing__rent_transactions') }}

),

final as (

    select
        council_tax_transactions.source_row_key,
        council_tax_accounts.account_key,
        'council_tax'::text as source_system,
        'council_tax'::text as service_code,
        council_tax_transactions.transaction_date,
        case
            when council_tax_transactions.transaction_code in ('BILL', 'COST') then 'charged'
            when council_tax_transactions.transaction_code = 'PAY' then 'paid'
            when council_tax_transactions.transaction_code = 'REF' then 'refunded'
            else 'adjusted'
        end as kind,
        council_tax_transactions.amount_gbp
    from council_tax_transactions
    inner join council_tax_accounts
        on council_tax_transactions.account_ref = council_tax_accounts.account_ref
    union all
    select
        rent_transactions.source_row_key,
        tenancies.account_key,
        'housing'::text as source_system,
        'tenancy'::text as service_code,
        rent_transactions.transaction_date,
        case
            when rent_transactions.transaction_code = 'RNT' then 'charged'
            when rent_transactions.transaction_code = 'PAY' then 'paid'
            else 'adjusted'
        end as kind,
        rent_transactions.amount_gbp
    from rent_transactions
    inner join tenancies on rent_transactions.tenancy_ref = tenancies.tenancy_ref

)

select * from final
