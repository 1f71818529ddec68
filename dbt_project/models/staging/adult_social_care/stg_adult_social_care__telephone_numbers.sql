with

source as (

    {{ raw_rows('adult_social_care', 'dm_telephone_numbers') }}

),

renamed as (

    select
        _record_key as source_row_key,
        number_id::text as number_ref,
        person_id::text as person_ref,
        {{ phone('number') }} as phone,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
