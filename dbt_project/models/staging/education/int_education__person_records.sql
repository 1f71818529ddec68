{{ config(schema='intermediate', materialized='view') }}

with

pupils as (

    select * from {{ ref('stg_education__pupils') }}

),

pupil_contacts as (

    select * from {{ ref('stg_education__contacts') }}

),

pupil_persons as (

    select
        'pupils' as source_table,
        pupils.record_key as source_row_key,
        pupils.record_key,
        null::text as title,
        pupils.forename,
        pupils.middle_names,
        pupils.surname,
        null::text as suffix,
        'person' as name_kind,
        pupils.name_says_deceased,
        pupils.birth_date,
        pupils.sex,
        pupils.address_line,
        pupils.postcode,
        pupils.uprn,
        null::text as nino,
        null::text as nhs_number,
        pupils.upn,
        null::text as person_number,
        null::text as phone,
        null::text as email,
        pupils.record_key as account_key,
        pupils.pupil_ref as account_ref,
        null::text[] as other_account_refs,
        0 as party_no,
        'other' as party_role,
        pupils.admission_date as account_from_date,
        pupils.leaving_date as account_to_date,
        false as is_safe_flagged,
        pupils.leaving_date is null as is_live_record,
        pupils.known_from,
        pupils.row_hash as input_hash
    from pupils

),

-- Letters of a school go to the pupil's contacts, so they stand on the pupil's account.
contact_persons as (

    select
        'contacts' as source_table,
        pupil_contacts.record_key as source_row_key,
        pupil_contacts.record_key,
        pupil_contacts.title,
        pupil_contacts.forename,
        null::text as middle_names,
        pupil_contacts.surname,
        null::text as suffix,
        'person' as name_kind,
        pupil_contacts.name_says_deceased,
        null::date as birth_date,
        null::text as sex,
        pupil_contacts.address_line,
        pupil_contacts.postcode,
        null::text as uprn,
        null::text as nino,
        null::text as nhs_number,
        null::text as upn,
        null::text as person_number,
        pupil_contacts.phone,
        pupil_contacts.email,
        pupils.record_key as account_key,
        pupil_contacts.pupil_ref as account_ref,
        null::text[] as other_account_refs,
        pupil_contacts.contact_no::integer as party_no,
        case when pupil_contacts.priority_no = 1 then 'lead' else 'joint' end as party_role,
        pupils.admission_date as account_from_date,
        pupils.leaving_date as account_to_date,
        false as is_safe_flagged,
        coalesce(pupils.leaving_date is null, false) as is_live_record,
        pupil_contacts.known_from,
        hash_record_extended(row(pupil_contacts.row_hash, pupils.row_hash), 0) as input_hash
    from pupil_contacts
    left join pupils on pupil_contacts.pupil_ref = pupils.pupil_ref

),

persons as (

    select * from pupil_persons

    union all

    select * from contact_persons

)

select * from persons
