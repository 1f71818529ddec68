{{ config(materialized='view') }}

with

item_groups as (

    select * from {{ ref('int_correspondence__addressee_groups') }}

),

group_customers as (

    select * from {{ ref('int_correspondence__group_customers') }}

),

addressee_customers as (

    select
        item_groups.item_key,
        item_groups.person_no,
        group_customers.customer_id,
        group_customers.record_key,
        coalesce(group_customers.match_basis, 'none') as match_basis,
        coalesce(group_customers.candidates, 0) as candidates,
        coalesce(group_customers.candidates > 1, false) as is_doubtful
    from item_groups
    left join group_customers on item_groups.group_key = group_customers.group_key

)

select * from addressee_customers
