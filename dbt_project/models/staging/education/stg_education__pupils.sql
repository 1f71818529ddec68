with

source as (

    {{ raw_rows('education', 'pupils') }}

),

renamed as (

    select
        _record_key as record_key,
        {{ clean_text('pupil_id') }} as pupil_ref,
        {{ upn('upn') }} as upn,
        {{ code('upn') }} as given_upn,
        {{ name_part('forename') }} as forename,
        {{ name_part('middle_names') }} as middle_names,
        {{ name_part('surname') }} as surname,
        {{ name_part('preferred_surname') }} as preferred_surname,
        concat_ws(' ', forename, middle_names, surname) as full_name,
        {{ name_says_deceased(['forename', 'surname']) }} as name_says_deceased,
        {{ known_date('dob') }} as birth_date,
        {{ sex_code('sex') }} as sex,
        {{ code('nc_year') }} as nc_year_code,
        {{ code('enrolment_status') }} as enrolment_status_code,
        {{ known_date('fsm_start') }} as free_meals_from_date,
        {{ known_date('fsm_end') }} as free_meals_to_date,
        {{ code('sen_provision') }} as sen_provision_code,
        {{ clean_text('school_urn') }} as school_urn,
        {{ address_line(['address1', 'address2', 'address3']) }} as address_line,
        {{ postcode('postcode') }} as postcode,
        {{ uprn('uprn') }} as uprn,
        {{ known_date('admission_date') }} as admission_date,
        {{ known_date('leaving_date') }} as leaving_date,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
