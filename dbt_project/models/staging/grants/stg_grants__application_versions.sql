with

source as (

    {{ raw_versions('grants', 'applications') }}

),

renamed as (

    select
        _record_key as record_key,
        {{ clean_text('application_ref') }} as application_ref,
        {{ code('scheme') }} as scheme_code,
        full_name,
        {{ known_date('dob') }} as birth_date,
        {{ email('email') }} as email,
        {{ phone('phone') }} as phone,
        {{ address_line(['address']) }} as address_line,
        {{ postcode('postcode') }} as postcode,
        {{ known_date('submitted_on') }} as submitted_date,
        amount_requested::numeric(12, 2) as amount_requested_gbp,
        {{ code('decision') }} as decision_code,
        {{ known_date('decided_on') }} as decided_date,
        _row_hash as row_hash,
        _valid_from as known_from,
        version_valid_to as known_to,
        version_counts as is_current

    from source

)

select * from renamed
