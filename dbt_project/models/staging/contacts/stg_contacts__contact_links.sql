with

source as (

    {{ raw_rows('contacts', 'cccontactlink') }}

),

renamed as (

    select
        _record_key as source_row_key,
        contact_no::text as contact_ref,
        {{ code('link_type') }} as link_type_code,
        {{ clean_text('reference') }} as printed_account_ref,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
