with

source as (

    {{ raw_rows('council_tax', 'ctoccupation') }}

),

renamed as (

    select
        _record_key as source_row_key,
        account_ref::text as account_ref,
        {{ clean_text('property_ref') }} as property_ref,
        {{ known_date('occupation_date') }} as occupied_from_date,
        {{ known_date('vacation_date') }} as occupied_to_date,
        {{ is_yes('live_ind') }} as is_live,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
