with

source as (

    {{ raw_rows('hr_payroll', 'posts') }}

),

renamed as (

    select
        _record_key as record_key,
        {{ clean_text('person_ref') }} as person_ref,
        {{ clean_text('position_ref') }} as position_ref,
        {{ nino('ni_number') }} as nino,
        {{ title('title') }} as title,
        {{ name_part('forenames', 'first') }} as forename,
        {{ name_part('forenames', 'rest') }} as middle_names,
        {{ name_part('surname') }} as surname,
        concat_ws(' ', title, forenames, surname) as full_name,
        {{ name_says_deceased(['title', 'forenames', 'surname']) }} as name_says_deceased,
        {{ sex_code('sex') }} as sex,
        {{ known_date('dob') }} as birth_date,
        {{ address_line(['addr1', 'addr2', 'addr3']) }} as address_line,
        {{ postcode('postcode') }} as postcode,
        {{ phone('phone') }} as phone,
        {{ email('email') }} as email,
        {{ known_date('start_date') }} as start_date,
        {{ known_date('end_date') }} as end_date,
        std_hours as weekly_hours,
        gross_to_date::numeric(12, 2) as gross_to_date_gbp,
        {{ known_date('last_paid') }} as last_paid_date,
        {{ clean_text('bank_hash') }} as bank_hash,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
