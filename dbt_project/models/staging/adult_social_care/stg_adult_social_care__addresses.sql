with

source as (

    {{ raw_rows('adult_social_care', 'dm_addresses') }}

),

renamed as (

    select
        _record_key as source_row_key,
        address_id::text as address_ref,
        ref_addresses_people_id::text as person_ref,
        {{ address_line(['address']) }} as address_line,
        {{ postcode('post_code') }} as postcode,
        {{ uprn('unique_id') }} as uprn,
        {{ known_date('start_date') }} as start_date,
        {{ known_date('end_date') }} as end_date,
        {{ is_yes('is_contact_address') }} as is_contact_address,
        {{ is_yes('is_display_address') }} as is_display_address,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
