with

source as (

    {{ raw_rows('housing_benefit', 'hbclaim') }}

),

renamed as (

    select
        _record_key as source_row_key,
        claim_id::text as claim_id,
        {{ clean_text('check_digit') }} as check_digit,
        concat(claim_id::text, trim(check_digit)) as printed_account_ref,
        name as full_name,
        {{ code('status_ind') }} as status_code,
        {{ code('status_ind') }} = '1' as is_live,
        {{ known_date('application_date') }} as application_date,
        {{ known_date('cancel_date') }} as cancel_date,
        {{ known_date('review_date') }} as review_date,
        {{ is_yes('unsafe_addr_ind') }} as is_safe_flagged,
        {{ is_yes('suspend_pay_ind') }} as is_suspended,
        updated_at,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
