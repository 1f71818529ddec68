with

source as (

    {{ raw_rows('council_tax', 'syemail') }}

),

renamed as (

    select
        _record_key as source_row_key,
        reference_id::text as account_ref,
        {{ email('email_addr') }} as email,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
