with

source as (

    {{ raw_rows('permits', 'permit') }}

),

renamed as (

    select
        _record_key as record_key,
        {{ clean_text('permit_no') }} as permit_ref,
        {{ code('permit_type') }} as permit_type_code,
        {{ title('title') }} as title,
        {{ name_part('forename') }} as forename,
        {{ name_part('surname') }} as surname,
        concat_ws(' ', title, forename, surname) as full_name,
        {{ name_says_deceased(['title', 'forename', 'surname']) }} as name_says_deceased,
        {{ known_date('dob') }} as birth_date,
        {{ nino('nino') }} as nino,
        {{ address_line(['addr1', 'addr2', 'addr3']) }} as address_line,
        {{ postcode('postcode') }} as postcode,
        {{ uprn('uprn') }} as uprn,
        {{ phone('phone') }} as phone,
        {{ email('email') }} as email,
        {{ known_date('issued_on') }} as issued_date,
        {{ known_date('expires_on') }} as expires_date,
        {{ known_date('cancelled_on') }} as cancelled_date,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
