with

source as (

    {{ raw_versions('council_tax', 'ctaccount') }}

),

renamed as (

    select
        _record_key as record_key,
        account_ref::text as account_ref,
        {{ clean_text('account_cd') }} as check_digit,
        concat(account_ref::text, trim(account_cd)) as printed_account_ref,
        lead_liab_name as full_name,
        {{ title('lead_liab_title') }} as title,
        {{ name_part('lead_liab_forename') }} as forename,
        {{ name_part('lead_liab_surname') }} as surname,
        lead_liab_pos as liability_code,
        {{ address_line(['for_addr1', 'for_addr2', 'for_addr3', 'for_addr4']) }} as address_line,
        {{ postcode('for_postcode') }} as postcode,
        for_addr_last_updated as forwarding_updated_at,
        {{ code('paymeth_code') }} as payment_method_code,
        {{ is_yes('employee_ind') }} as is_employee,
        {{ clean_text('employee_no') }} as employee_no,
        {{ code('person_status') }} as person_status_code,
        _row_hash as row_hash,
        _valid_from as known_from,
        version_valid_to as known_to,
        version_counts as is_current

    from source

)

select * from renamed
