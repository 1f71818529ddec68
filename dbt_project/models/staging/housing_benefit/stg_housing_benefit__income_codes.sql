with

source as (

    {{ raw_rows('housing_benefit', 'hbinccode') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ code('inc_code') }} as income_code,
        {{ clean_text('inc_desc') }} as income_name,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
