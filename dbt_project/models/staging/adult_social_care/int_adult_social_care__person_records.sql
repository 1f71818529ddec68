{{ config(schema='intermediate', materialized='view') }}

with

social_care_persons as (

    select * from {{ ref('stg_adult_social_care__persons') }}

),

-- Where the person lives is the display address; a contact address may be a relative's.
addresses as (

    select
        *,
        row_number() over (
            partition by person_ref
            order by
                end_date desc nulls first, is_display_address desc, is_contact_address desc,
                start_date desc nulls last, address_ref desc
        ) as preference_no
    from {{ ref('stg_adult_social_care__addresses') }}

),

telephone_numbers as (

    select
        *,
        row_number() over (partition by person_ref order by phone is null, number_ref) as preference_no
    from {{ ref('stg_adult_social_care__telephone_numbers') }}

),

persons as (

    select
        'dm_persons' as source_table,
        social_care_persons.record_key as source_row_key,
        social_care_persons.record_key,
        social_care_persons.title,
        social_care_persons.forename,
        null::text as middle_names,
        social_care_persons.surname,
        null::text as suffix,
        'person' as name_kind,
        social_care_persons.name_says_deceased,
        social_care_persons.birth_date,
        social_care_persons.sex,
        addresses.address_line,
        addresses.postcode,
        addresses.uprn,
        null::text as nino,
        social_care_persons.nhs_number,
        null::text as upn,
        null::text as person_number,
        telephone_numbers.phone,
        social_care_persons.email,
        social_care_persons.record_key as account_key,
        social_care_persons.person_ref as account_ref,
        null::text[] as other_account_refs,
        1 as party_no,
        'lead' as party_role,
        null::date as account_from_date,
        null::date as account_to_date,
        social_care_persons.is_safe_flagged,
        social_care_persons.date_of_death is null as is_live_record,
        social_care_persons.known_from,
        hash_record_extended(
            row(social_care_persons.row_hash, addresses.row_hash, telephone_numbers.row_hash), 0
        ) as input_hash
    from social_care_persons
    left join addresses
        on social_care_persons.person_ref = addresses.person_ref and addresses.preference_no = 1
    left join telephone_numbers
        on
            social_care_persons.person_ref = telephone_numbers.person_ref
            and telephone_numbers.preference_no = 1

)

select * from persons
