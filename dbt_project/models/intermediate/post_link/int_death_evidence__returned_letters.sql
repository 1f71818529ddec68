{{ config(materialized='ephemeral') }}

with

items as (

    select * from {{ ref('int_correspondence__items') }}
    where return_reason = 'deceased'

),

addressees as (

    select * from {{ ref('int_correspondence__addressees') }}
    -- a letter to two persons that comes back does not say which of them is dead
    where name_kind = 'person'

),

addressee_customers as (

    select * from {{ ref('int_correspondence__addressee_customers') }}
    where not is_doubtful and record_key is not null

),

returned_letters as (

    select
        addressee_customers.record_key,
        min(items.returned_date) as returned_date
    from items
    inner join addressees on items.item_key = addressees.item_key
    inner join addressee_customers
        on
            addressees.item_key = addressee_customers.item_key
            and addressees.person_no = addressee_customers.person_no
    group by addressee_customers.record_key

)

select * from returned_letters
