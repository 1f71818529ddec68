with

source as (

    {{ raw_rows('education', 'contacts') }}

),

renamed as (

    select
        _record_key as record_key,
        {{ clean_text('pupil_id') }} as pupil_ref,
        contact_no,
        {{ title('title') }} as title,
        {{ name_part('forename') }} as forename,
        {{ name_part('surname') }} as surname,
        concat_ws(' ', title, forename, surname) as full_name,
        {{ name_says_deceased(['title', 'forename', 'surname']) }} as name_says_deceased,
        {{ code('relationship') }} as relationship_code,
        priority as priority_no,
        {{ email('email') }} as email,
        {{ phone('phone') }} as phone,
        {{ address_line(['address1', 'address2', 'address3']) }} as address_line,
        {{ postcode('postcode') }} as postcode,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
