with

source as (

    {{ raw_rows('council_tax', 'ctproperty') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('property_ref') }} as property_ref,
        {{ address_line(['addr1', 'addr2', 'addr3', 'addr4']) }} as address_line,
        {{ postcode('postcode') }} as postcode,
        {{ uprn('uprn') }} as uprn,
        {{ code('wardcode') }} as ward_code,
        {{ code('band') }} as band_code,
        {{ is_yes('deleted_ind') }} as is_deleted,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
