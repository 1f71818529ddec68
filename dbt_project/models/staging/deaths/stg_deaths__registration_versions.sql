with

source as (

    {{ raw_versions('deaths', 'registrar') }}

),

renamed as (

    select
        _record_key as record_key,
        {{ clean_text('entry_no') }} as entry_ref,
        {{ name_part('surname') }} as surname,
        {{ name_part('forenames', 'first') }} as forename,
        {{ name_part('forenames', 'rest') }} as middle_names,
        concat_ws(' ', forenames, surname) as full_name,
        {{ sex_code('sex') }} as sex,
        {{ known_date('date_of_birth') }} as birth_date,
        {{ known_date('date_of_death') }} as date_of_death,
        {{ address_line(['usual_address']) }} as address_line,
        {{ postcode('postcode') }} as postcode,
        {{ known_date('registered_on') }} as registered_date,
        {{ code('entry_status') }} as entry_status_code,
        {{ known_date('cancelled_on') }} as cancelled_date,
        _row_hash as row_hash,
        _valid_from as known_from,
        version_valid_to as known_to,
        version_counts as is_current

    from source

)

select * from renamed
