with

source as (

    {{ raw_rows('housing_benefit', 'hbhousehold') }}

),

renamed as (

    select
        _record_key as source_row_key,
        claim_id::text as claim_id,
        house_id as house_no,
        {{ known_date('from_date') }} as from_date,
        {{ known_date('to_date') }} as to_date,
        {{ address_line(['addr1', 'addr2', 'addr3', 'addr4']) }} as address_line,
        {{ postcode('post_code') }} as postcode,
        {{ uprn('uprn') }} as uprn,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
