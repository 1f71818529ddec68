{{ config(severity='warn') }}
-- Warns about money that no account takes: the source names an account that it does not have.
with

council_tax_orphans as (

    select transactions.source_row_key
    from {{ ref('stg_council_tax__transactions') }} as transactions
    left join {{ ref('stg_council_tax__accounts') }} as accounts
        on transactions.account_ref = accounts.account_ref
    where accounts.account_ref is null

),

rent_orphans as (

    select transactions.source_row_key
    from {{ ref('stg_housing__rent_transactions') }} as transactions
    left join {{ ref('stg_housing__tenancies') }} as tenancies
        on transactions.tenancy_ref = tenancies.tenancy_ref
    where tenancies.tenancy_ref is null

)

select * from council_tax_orphans
union all
select * from rent_orphans
