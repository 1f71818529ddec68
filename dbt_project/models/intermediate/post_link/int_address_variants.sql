{{ config(indexes=[{'columns': ['address_key'], 'unique': true}]) }}

with

address_texts as (

    select * from {{ ref('int_address_texts') }}

),

variants as (

    select
        {{ address_key('postcode_std', 'address_std') }} as address_key,
        min(address_id) as address_id
    from address_texts
    where address_id is not null
    group by postcode_std, address_std

)

select * from variants
