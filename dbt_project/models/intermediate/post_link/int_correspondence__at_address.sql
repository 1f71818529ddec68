{{ config(materialized='ephemeral') }}

-- 2. Who has ever been recorded at the address under such a name.

with

letters_to_place as (

    select * from {{ ref('int_correspondence__to_place') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

customer_names as (

    select * from {{ ref('int_customers__names') }}

),

records as (

    select * from {{ ref('int_person_records__link_input') }}

),

customer_addresses as (

    select distinct
        members.customer_id,
        records.address_id,
        records.uprn,
        records.postcode_std
    from members
    inner join records on members.record_key = records.record_key
    where records.address_id is not null or records.uprn is not null

),

names_at_addresses as materialized (

    select
        customer_addresses.address_id,
        customer_addresses.uprn,
        customer_addresses.postcode_std,
        customer_names.*
    from customer_addresses
    inner join customer_names on customer_addresses.customer_id = customer_names.customer_id

),

same_name_at_address as (

    select
        letters_to_place.group_key,
        letters_to_place.is_account_known,
        names_at_addresses.customer_id,
        names_at_addresses.record_key,
        {{ name_score('letters_to_place', 'names_at_addresses') }} as score
    from letters_to_place
    inner join names_at_addresses
        on
            letters_to_place.address_id = names_at_addresses.address_id
            and letters_to_place.surname_std = names_at_addresses.surname_std

    union all

    select
        letters_to_place.group_key,
        letters_to_place.is_account_known,
        names_at_addresses.customer_id,
        names_at_addresses.record_key,
        {{ name_score('letters_to_place', 'names_at_addresses') }} as score
    from letters_to_place
    inner join names_at_addresses
        on
            letters_to_place.uprn = names_at_addresses.uprn
            and letters_to_place.postcode_std = names_at_addresses.postcode_std
            and letters_to_place.surname_std = names_at_addresses.surname_std

),

at_address as (

    select
        group_key,
        customer_id,
        bool_or(is_account_known) as is_account_known,
        min(record_key) as record_key,
        max(score) as score
    from same_name_at_address
    where score is not null
    group by group_key, customer_id

)

select * from at_address
