with

versions as (

    select * from {{ ref('stg_council_tax__account_versions') }}

),

versions_that_count as (

    select
        record_key,
        account_ref,
        check_digit,
        printed_account_ref,
        full_name,
        title,
        forename,
        surname,
        liability_code,
        address_line,
        postcode,
        forwarding_updated_at,
        payment_method_code,
        is_employee,
        employee_no,
        person_status_code,
        row_hash,
        known_from

    from versions
    where is_current

)

select * from versions_that_count
