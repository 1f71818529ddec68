{{ config(schema='intermediate', materialized='view') }}

with

children as (

    select * from {{ ref('stg_children_social_care__persons') }}

),

addresses as (

    select
        *,
        row_number() over (
            partition by person_ref
            order by end_date desc nulls first, start_date desc nulls last, address_ref desc
        ) as recency_no
    from {{ ref('stg_children_social_care__addresses') }}

),

persons as (

    select
        'ssd_person' as source_table,
        children.record_key as source_row_key,
        children.record_key,
        null::text as title,
        children.forename,
        null::text as middle_names,
        children.surname,
        null::text as suffix,
        'person' as name_kind,
        children.name_says_deceased,
        children.birth_date,
        children.sex,
        addresses.address_line,
        addresses.postcode,
        addresses.uprn,
        null::text as nino,
        children.nhs_number,
        children.upn,
        null::text as person_number,
        null::text as phone,
        null::text as email,
        children.record_key as account_key,
        children.person_ref as account_ref,
        null::text[] as other_account_refs,
        1 as party_no,
        'lead' as party_role,
        null::date as account_from_date,
        null::date as account_to_date,
        false as is_safe_flagged,
        children.date_of_death is null as is_live_record,
        children.known_from,
        hash_record_extended(row(children.row_hash, addresses.row_hash), 0) as input_hash
    from children
    left join addresses on children.person_ref = addresses.person_ref and addresses.recency_no = 1

)

select * from persons
