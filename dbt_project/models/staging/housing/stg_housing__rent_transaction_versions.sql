with

source as (

    {{ raw_versions('housing', 'rtrans') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('tag_ref') }} as tenancy_ref,
        _valid_from as known_from,
        version_valid_to as known_to

    from source

)

select * from renamed
