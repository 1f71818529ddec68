{{ config(schema='intermediate', materialized='view') }}

with

registrations as (

    select * from {{ ref('stg_deaths__registrations') }}

),

notifications as (

    select * from {{ ref('stg_deaths__notifications') }}

),

registered_persons as (

    select
        'registrar' as source_table,
        record_key as source_row_key,
        record_key,
        null::text as title,
        forename,
        middle_names,
        surname,
        null::text as suffix,
        'person' as name_kind,
        false as name_says_deceased,
        birth_date,
        sex,
        address_line,
        postcode,
        null::text as uprn,
        null::text as nino,
        null::text as nhs_number,
        null::text as upn,
        null::text as person_number,
        null::text as phone,
        null::text as email,
        null::text as account_key,
        null::text as account_ref,
        null::text[] as other_account_refs,
        null::integer as party_no,
        null::text as party_role,
        null::date as account_from_date,
        null::date as account_to_date,
        false as is_safe_flagged,
        coalesce(entry_status_code = 'A', false) as is_live_record,
        known_from,
        row_hash as input_hash
    from registrations

),

notified_persons as (

    select
        'tell_us_once' as source_table,
        record_key as source_row_key,
        record_key,
        null::text as title,
        forename,
        middle_names,
        surname,
        null::text as suffix,
        'person' as name_kind,
        false as name_says_deceased,
        birth_date,
        null::text as sex,
        address_line,
        postcode,
        null::text as uprn,
        nino,
        null::text as nhs_number,
        null::text as upn,
        null::text as person_number,
        null::text as phone,
        null::text as email,
        null::text as account_key,
        null::text as account_ref,
        null::text[] as other_account_refs,
        null::integer as party_no,
        null::text as party_role,
        null::date as account_from_date,
        null::date as account_to_date,
        false as is_safe_flagged,
        coalesce(status_code = 'ACTIVE', false) as is_live_record,
        known_from,
        row_hash as input_hash
    from notifications

),

persons as (

    select * from registered_persons

    union all

    select * from notified_persons

)

select * from persons
