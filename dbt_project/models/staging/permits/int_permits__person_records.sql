{{ config(schema='intermediate', materialized='view') }}

with

permits as (

    select * from {{ ref('stg_permits__permits') }}

),

persons as (

    select
        'permit' as source_table,
        record_key as source_row_key,
        record_key,
        title,
        forename,
        null::text as middle_names,
        surname,
        null::text as suffix,
        'person' as name_kind,
        name_says_deceased,
        birth_date,
        null::text as sex,
        address_line,
        postcode,
        uprn,
        nino,
        null::text as nhs_number,
        null::text as upn,
        null::text as person_number,
        phone,
        email,
        record_key as account_key,
        permit_ref as account_ref,
        null::text[] as other_account_refs,
        1 as party_no,
        'lead' as party_role,
        issued_date as account_from_date,
        coalesce(cancelled_date, expires_date) as account_to_date,
        false as is_safe_flagged,
        -- whether it has expired depends on the night; that is for the marts to say
        cancelled_date is null as is_live_record,
        known_from,
        row_hash as input_hash
    from permits

)

select * from persons
