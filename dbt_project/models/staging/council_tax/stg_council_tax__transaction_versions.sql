with

source as (

    {{ raw_versions('council_tax', 'cttransaction') }}

),

renamed as (

    select
        _record_key as source_row_key,
        account_ref::text as account_ref,
        _valid_from as known_from,
        version_valid_to as known_to

    from source

)

select * from renamed
