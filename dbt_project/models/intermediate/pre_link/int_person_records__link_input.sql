{{ config(materialized='view') }}

with

records as (

    select * from {{ ref('int_person_records__standardised') }}

),

former_homes as (

    select * from {{ ref('int_former_homes') }}

),

account_links as (

    select * from {{ ref('int_account_links') }}

),

linkable as (

    select
        records.record_key,
        records.source_system,
        records.source_table,
        records.title,
        records.forename,
        records.middle_names,
        records.surname,
        records.suffix,
        records.birth_date,
        records.sex,
        records.address_line,
        records.address_std,
        records.address_id,
        records.postcode,
        records.postcode_std,
        records.uprn,
        records.nino,
        records.nhs_number,
        records.upn,
        records.person_number,
        records.email,
        records.phone,
        records.account_key,
        records.account_ref,
        records.party_no,
        records.party_role,
        records.account_from_date,
        records.account_to_date,
        records.name_kind,
        records.name_says_deceased,
        records.is_safe_flagged,
        records.is_live_record,
        records.known_from,
        records.source_row_key,
        -- the account that the record speaks of, where its own is another or none
        account_links.other_account_key,
        former_homes.former_address_line,
        former_homes.former_postcode,
        -- the days between which its people live at the home, where the account says so
        case
            when records.source_system = 'council_tax' or records.source_table = 'member'
                then records.account_from_date
        end as home_from_date,
        case
            when records.source_system = 'council_tax' or records.source_table = 'member'
                then records.account_to_date
        end as home_to_date
    from records
    left join account_links on records.record_key = account_links.record_key
    left join former_homes on records.account_key = former_homes.account_key
    where records.unlinkable_reason is null

)

select * from linkable
