-- Fails where an account's last balance is not what its charges, payments and adjustments come to.
with

debts as (

    select * from {{ ref('fct_debt') }}

),

summed as (

    select
        customer_id,
        account_key,
        sum(charged_gbp - paid_gbp + adjusted_gbp) as changes_gbp,
        max(balance_gbp) filter (where is_latest) as balance_gbp,
        count(*) filter (where is_latest) as latest_rows
    from debts
    group by customer_id, account_key

)

select
    customer_id,
    account_key
from summed
where latest_rows <> 1 or balance_gbp is distinct from changes_gbp
