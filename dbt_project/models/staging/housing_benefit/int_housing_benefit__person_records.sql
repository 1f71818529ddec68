{{ config(schema='intermediate', materialized='view') }}

with

members as (

    select * from {{ ref('stg_housing_benefit__members') }}

),

households as (

    select * from {{ ref('stg_housing_benefit__households') }}

),

claims as (

    select * from {{ ref('stg_housing_benefit__claims') }}

),

persons as (

    select
        'hbmember' as source_table,
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
        households.address_line,
        households.postcode,
        households.uprn,
        members.nino,
        null::text as nhs_number,
        null::text as upn,
        null::text as person_number,
        null::text as phone,
        null::text as email,
        claims.source_row_key as account_key,
        claims.printed_account_ref as account_ref,
        null::text[] as other_account_refs,
        (members.house_no * 100 + members.member_no)::integer as party_no,
        case members.member_type_code when 1 then 'lead' when 2 then 'joint' else 'other' end
            as party_role,
        claims.application_date as account_from_date,
        claims.cancel_date as account_to_date,
        coalesce(claims.is_safe_flagged, false) as is_safe_flagged,
        coalesce(claims.is_live, false) and households.to_date is null as is_live_record,
        members.known_from,
        hash_record_extended(row(members.row_hash, households.row_hash, claims.row_hash), 0)
            as input_hash
    from members
    left join households
        on members.claim_id = households.claim_id and members.house_no = households.house_no
    left join claims on members.claim_id = claims.claim_id

)

select * from persons
