{{ config(schema='intermediate', materialized='view') }}

with

posts as (

    select * from {{ ref('stg_hr_payroll__posts') }}

),

persons as (

    select
        'posts' as source_table,
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
        sex,
        address_line,
        postcode,
        null::text as uprn,
        nino,
        null::text as nhs_number,
        null::text as upn,
        person_ref as person_number,
        phone,
        email,
        record_key as account_key,
        person_ref as account_ref,
        null::text[] as other_account_refs,
        1 as party_no,
        'lead' as party_role,
        start_date as account_from_date,
        end_date as account_to_date,
        false as is_safe_flagged,
        end_date is null as is_live_record,
        known_from,
        row_hash as input_hash
    from posts

)

select * from persons
