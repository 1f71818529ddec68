with

source as (

    {{ raw_rows('housing', 'property') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('prop_ref') }} as property_ref,
        {{ address_line(['short_address']) }} as address_line,
        {{ postcode('post_code') }} as postcode,
        {{ uprn('uprn') }} as uprn,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
