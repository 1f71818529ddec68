with

source as (

    {{ raw_versions('deaths', 'tell_us_once') }}

),

renamed as (

    select
        _record_key as record_key,
        {{ clean_text('reference') }} as notification_ref,
        {{ name_part('forename', 'first') }} as forename,
        {{ name_part('forename', 'rest') }} as middle_names,
        {{ name_part('surname') }} as surname,
        concat_ws(' ', forename, surname) as full_name,
        {{ known_date('birth_date') }} as birth_date,
        {{ known_date('date_of_death') }} as date_of_death,
        {{ nino('nino') }} as nino,
        {{ address_line(['address']) }} as address_line,
        {{ postcode('postcode') }} as postcode,
        notified_at,
        {{ code('status') }} as status_code,
        withdrawn_at,
        _row_hash as row_hash,
        _valid_from as known_from,
        version_valid_to as known_to,
        version_counts as is_current

    from source

)

select * from renamed
