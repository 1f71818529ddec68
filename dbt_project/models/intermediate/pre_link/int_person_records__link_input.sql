{{ config(materialized='view') }}

with

records as (

    select * from {{ ref('int_person_records__standardised') }}

),

linkable as (

    select
        record_key,
        source_system,
        source_table,
        title,
        forename,
        middle_names,
        surname,
        suffix,
        birth_date,
        sex,
        address_line,
        address_std,
        address_id,
        postcode,
        postcode_std,
        uprn,
        nino,
        nhs_number,
        upn,
        person_number,
        email,
        phone,
        account_key,
        account_ref,
        party_no,
        party_role,
        account_from_date,
        account_to_date,
        name_kind,
        name_says_deceased,
        is_safe_flagged,
        is_live_record,
        known_from,
        source_row_key
    from records
    where unlinkable_reason is null

)

select * from linkable
