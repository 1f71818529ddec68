{{ config(schema='intermediate', materialized='view') }}

with

applications as (

    select * from {{ ref('stg_grants__applications') }}

),

parsed_names as (

    select * from {{ source('raw_names', 'parsed_name') }}

),

parsed_persons as (

    select * from {{ source('raw_names', 'parsed_person') }}

),

persons as (

    select
        'applications' as source_table,
        applications.record_key as source_row_key,
        {{ person_no_key('applications.record_key', 'coalesce(parsed_persons.person_no, 1)') }}
            as record_key,
        parsed_persons.title,
        parsed_persons.forename,
        parsed_persons.middle_names,
        parsed_persons.surname,
        parsed_persons.suffix,
        coalesce(parsed_names.kind, 'unparsed') as name_kind,
        coalesce(parsed_names.deceased, false) as name_says_deceased,
        -- date of birth, telephone and e-mail are those of the person who filled in the form
        case when coalesce(parsed_persons.person_no, 1) = 1 then applications.birth_date end
            as birth_date,
        null::text as sex,
        applications.address_line,
        applications.postcode,
        null::text as uprn,
        null::text as nino,
        null::text as nhs_number,
        null::text as upn,
        null::text as person_number,
        case when coalesce(parsed_persons.person_no, 1) = 1 then applications.phone end as phone,
        case when coalesce(parsed_persons.person_no, 1) = 1 then applications.email end as email,
        applications.record_key as account_key,
        applications.application_ref as account_ref,
        null::text[] as other_account_refs,
        coalesce(parsed_persons.person_no, 1)::integer as party_no,
        case when coalesce(parsed_persons.person_no, 1) = 1 then 'lead' else 'joint' end as party_role,
        applications.submitted_date as account_from_date,
        null::date as account_to_date,
        false as is_safe_flagged,
        coalesce(applications.decision_code = 'PENDING', false) as is_live_record,
        applications.known_from,
        hash_record_extended(
            row(applications.row_hash, parsed_names.kind, parsed_names.deceased, parsed_persons.*), 0
        ) as input_hash
    from applications
    left join parsed_names on applications.full_name = parsed_names.full_name
    left join parsed_persons on applications.full_name = parsed_persons.full_name

)

select * from persons
