with

source as (

    {{ raw_rows('contacts', 'cccontact') }}

),

renamed as (

    select
        _record_key as record_key,
        contact_no::text as contact_ref,
        contacted_at,
        {{ code('channel') }} as channel_code,
        {{ code('reason_code') }} as reason_code,
        {{ code('outcome_code') }} as outcome_code,
        {{ title('title') }} as title,
        {{ name_part('forenames', 'first') }} as forename,
        {{ name_part('forenames', 'rest') }} as middle_names,
        {{ name_part('surname') }} as surname,
        concat_ws(' ', title, forenames, surname) as full_name,
        {{ name_says_deceased(['title', 'forenames', 'surname']) }} as name_says_deceased,
        {{ known_date('dob') }} as birth_date,
        {{ phone('phone') }} as phone,
        {{ email('email') }} as email,
        {{ postcode('postcode') }} as postcode,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
