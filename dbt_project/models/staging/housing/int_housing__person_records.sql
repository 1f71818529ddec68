{{ config(schema='intermediate', materialized='view') }}

with

members as (

    select
        *,
        row_number() over (partition by house_ref order by is_responsible desc, member_no) as rank_no
    from {{ ref('stg_housing__members') }}

),

tenancies as (

    select
        *,
        row_number() over (
            partition by house_ref
            order by is_terminated, end_date desc nulls first, start_date desc nulls last, tenancy_ref desc
        ) as recency_no,
        array_agg(tenancy_ref) over (
            partition by house_ref
            order by is_terminated, end_date desc nulls first, start_date desc nulls last, tenancy_ref desc
            rows between unbounded preceding and unbounded following
        ) as tenancy_refs,
        -- a household's other tenancies are part of what its members are made of
        sum(row_hash::numeric) over (partition by house_ref) as tenancies_hash
    from {{ ref('stg_housing__tenancies') }}

),

properties as (

    select * from {{ ref('stg_housing__properties') }}

),

household_contacts as (

    select * from {{ ref('stg_housing__contacts') }}

),

application_members as (

    select
        *,
        row_number() over (partition by application_ref order by member_no) as rank_no
    from {{ ref('stg_housing__application_members') }}

),

applications as (

    select * from {{ ref('stg_housing__applications') }}

),

tenants as (

    select
        'member' as source_table,
        members.record_key as source_row_key,
        members.record_key,
        members.title,
        members.forename,
        null::text as middle_names,
        members.surname,
        null::text as suffix,
        'person' as name_kind,
        members.name_says_deceased,
        members.birth_date,
        members.sex,
        properties.address_line,
        properties.postcode,
        properties.uprn,
        members.nino,
        null::text as nhs_number,
        null::text as upn,
        null::text as person_number,
        case when members.rank_no = 1 then household_contacts.phone end as phone,
        case when members.rank_no = 1 then household_contacts.email end as email,
        tenancies.source_row_key as account_key,
        tenancies.tenancy_ref as account_ref,
        tenancies.tenancy_refs[2:] as other_account_refs,
        members.member_no::integer as party_no,
        case
            when members.rank_no = 1 then 'lead'
            when members.is_responsible then 'joint'
            else 'other'
        end as party_role,
        tenancies.start_date as account_from_date,
        tenancies.end_date as account_to_date,
        members.is_safe_flagged,
        coalesce(not tenancies.is_terminated and tenancies.end_date is null, false) as is_live_record,
        members.known_from,
        hash_record_extended(
            row(
                members.row_hash, members.rank_no, tenancies.tenancies_hash, properties.row_hash,
                household_contacts.row_hash
            ), 0
        ) as input_hash
    from members
    left join tenancies on members.house_ref = tenancies.house_ref and tenancies.recency_no = 1
    left join properties on tenancies.property_ref = properties.property_ref
    left join household_contacts on members.house_ref = household_contacts.house_ref

),

applicants as (

    select
        'wlmember' as source_table,
        application_members.record_key as source_row_key,
        application_members.record_key,
        application_members.title,
        application_members.forename,
        null::text as middle_names,
        application_members.surname,
        null::text as suffix,
        'person' as name_kind,
        application_members.name_says_deceased,
        application_members.birth_date,
        null::text as sex,
        applications.address_line,
        applications.postcode,
        null::text as uprn,
        application_members.nino,
        null::text as nhs_number,
        null::text as upn,
        null::text as person_number,
        null::text as phone,
        null::text as email,
        applications.source_row_key as account_key,
        applications.application_ref as account_ref,
        null::text[] as other_account_refs,
        application_members.member_no::integer as party_no,
        case when application_members.rank_no = 1 then 'lead' else 'joint' end as party_role,
        applications.application_date as account_from_date,
        null::date as account_to_date,
        false as is_safe_flagged,
        coalesce(applications.status_code = 'ACTIVE', false) as is_live_record,
        application_members.known_from,
        hash_record_extended(
            row(application_members.row_hash, application_members.rank_no, applications.row_hash), 0
        ) as input_hash
    from application_members
    left join applications on application_members.application_ref = applications.application_ref

),

persons as (

    select * from tenants

    union all

    select * from applicants

)

select * from persons
