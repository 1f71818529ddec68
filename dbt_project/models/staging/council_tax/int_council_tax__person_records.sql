{{ config(schema='intermediate', materialized='view') }}

with

accounts as not materialized (

    select * from {{ ref('stg_council_tax__accounts') }}

),

liable_persons as (

    select * from {{ ref('stg_council_tax__liable_persons') }}

),

occupations as (

    select
        *,
        row_number() over (
            partition by account_ref
            order by
                is_live desc, occupied_to_date desc nulls first,
                occupied_from_date desc nulls last, property_ref desc
        ) as recency_no,
        min(occupied_from_date) over (partition by account_ref) as account_from_date,
        -- an account is open while one of its occupations is
        bool_or(occupied_to_date is null) over (partition by account_ref) as has_open_end,
        max(occupied_to_date) over (partition by account_ref) as last_to_date
    from {{ ref('stg_council_tax__occupations') }}

),

properties as (

    select * from {{ ref('stg_council_tax__properties') }}

),

phones as (

    select * from {{ ref('stg_council_tax__phones') }}

),

emails as (

    select * from {{ ref('stg_council_tax__emails') }}

),

parsed_names as (

    select * from {{ source('raw_names', 'parsed_name') }}

),

parsed_persons as (

    select * from {{ source('raw_names', 'parsed_person') }}

),

-- The first liable person stands in the account itself, the others in a table of their own.
name_lines as (

    select
        'ctaccount' as source_table,
        record_key as source_row_key,
        account_ref,
        full_name,
        title,
        forename,
        surname,
        0 as line_no,
        row_hash,
        known_from
    from accounts

    union all

    select
        'ctliab_person' as source_table,
        record_key as source_row_key,
        account_ref,
        full_name,
        null as title,
        null as forename,
        null as surname,
        occurrence_no as line_no,
        row_hash,
        known_from
    from liable_persons

),

account_homes as (

    select
        accounts.account_ref,
        accounts.record_key as account_key,
        accounts.printed_account_ref,
        occupations.account_from_date,
        occupations.is_live as is_live_record,
        phones.phone,
        emails.email,
        accounts.is_employee,
        accounts.employee_no,
        case when not occupations.has_open_end then occupations.last_to_date end
            as account_to_date,
        -- once the account is closed, the forwarding address is where its people went
        not occupations.is_live and accounts.address_line is not null as has_moved_on,
        accounts.address_line as forwarding_address_line,
        accounts.postcode as forwarding_postcode,
        properties.address_line,
        properties.postcode,
        properties.uprn,
        hash_record_extended(
            row(
                accounts.row_hash, occupations.row_hash, occupations.account_from_date,
                occupations.last_to_date, occupations.has_open_end, properties.row_hash,
                phones.row_hash, emails.row_hash
            ), 0
        ) as home_hash
    from accounts
    left join occupations
        on accounts.account_ref = occupations.account_ref and occupations.recency_no = 1
    left join properties on occupations.property_ref = properties.property_ref
    left join phones on accounts.account_ref = phones.account_ref
    left join emails on accounts.account_ref = emails.account_ref

),

persons as (

    select
        name_lines.source_table,
        name_lines.source_row_key,
        {{ person_no_key('name_lines.source_row_key', 'coalesce(parsed_persons.person_no, 1)') }}
            as record_key,
        coalesce(parsed_persons.title, name_lines.title) as title,
        -- The line is cut at 32 characters; the columns, where filled, have its first person's whole name.
        case
            when
                coalesce(parsed_persons.person_no, 1) = 1
                and starts_with(lower(name_lines.surname), lower(coalesce(parsed_persons.surname, '')))
                and starts_with(lower(name_lines.forename), lower(coalesce(parsed_persons.forename, '')))
                then name_lines.forename
            else parsed_persons.forename
        end as forename,
        parsed_persons.middle_names,
        case
            when
                coalesce(parsed_persons.person_no, 1) = 1
                and starts_with(lower(name_lines.surname), lower(coalesce(parsed_persons.surname, '')))
                then name_lines.surname
            else parsed_persons.surname
        end as surname,
        parsed_persons.suffix,
        coalesce(parsed_names.kind, 'unparsed') as name_kind,
        coalesce(parsed_names.deceased, false) as name_says_deceased,
        null::date as birth_date,
        null::text as sex,
        case
            when account_homes.has_moved_on then account_homes.forwarding_address_line
            else account_homes.address_line
        end as address_line,
        case
            when account_homes.has_moved_on then account_homes.forwarding_postcode
            else account_homes.postcode
        end as postcode,
        case when not coalesce(account_homes.has_moved_on, false) then account_homes.uprn end as uprn,
        null::text as nino,
        null::text as nhs_number,
        null::text as upn,
        case
            when
                name_lines.line_no = 0 and coalesce(parsed_persons.person_no, 1) = 1
                and account_homes.is_employee
                then account_homes.employee_no
        end as person_number,
        -- telephone and e-mail are the account's: they are taken for its first person's
        case
            when name_lines.line_no = 0 and coalesce(parsed_persons.person_no, 1) = 1
                then account_homes.phone
        end as phone,
        case
            when name_lines.line_no = 0 and coalesce(parsed_persons.person_no, 1) = 1
                then account_homes.email
        end as email,
        account_homes.account_key,
        account_homes.printed_account_ref as account_ref,
        null::text[] as other_account_refs,
        (name_lines.line_no * 10 + coalesce(parsed_persons.person_no, 1))::integer as party_no,
        case
            when name_lines.line_no = 0 and coalesce(parsed_persons.person_no, 1) = 1 then 'lead'
            else 'joint'
        end as party_role,
        account_homes.account_from_date,
        account_homes.account_to_date,
        false as is_safe_flagged,
        coalesce(account_homes.is_live_record, false) as is_live_record,
        name_lines.known_from,
        hash_record_extended(
            row(
                name_lines.row_hash, account_homes.home_hash, parsed_names.kind, parsed_names.deceased,
                parsed_persons.*
            ), 0
        ) as input_hash
    from name_lines
    left join account_homes on name_lines.account_ref = account_homes.account_ref
    left join parsed_names on name_lines.full_name = parsed_names.full_name
    left join parsed_persons on name_lines.full_name = parsed_persons.full_name

)

select * from persons
