with

source as (

    {{ raw_rows('council_tax', 'syphone') }}

),

renamed as (

    select
        _record_key as source_row_key,
        ref::text as account_ref,
        {{ phone('phonenum1') }} as phone,
        {{ phone('phonenum2') }} as second_phone,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
