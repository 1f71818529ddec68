{{ config(schema='intermediate', materialized='view') }}

with

contacts as (

    select * from {{ ref('stg_contacts__contacts') }}

),

persons as (

    select
        'cccontact' as source_table,
        record_key as source_row_key,
        record_key,
        title,
        forename,
        middle_names,
        surname,
        null::text as suffix,
        'person' as name_kind,
        name_says_deceased,
        birth_date,
        null::text as sex,
        null::text as address_line,
        postcode,
        null::text as uprn,
        null::text as nino,
        null::text as nhs_number,
        null::text as upn,
        null::text as person_number,
        phone,
        email,
        null::text as account_key,
        null::text as account_ref,
        null::text[] as other_account_refs,
        null::integer as party_no,
        null::text as party_role,
        null::date as account_from_date,
        null::date as account_to_date,
        false as is_safe_flagged,
        -- a contact is over when it has been made
        false as is_live_record,
        known_from,
        row_hash as input_hash
    from contacts

)

select * from persons
