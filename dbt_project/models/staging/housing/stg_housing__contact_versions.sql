with

source as (

    {{ raw_versions('housing', 'contacts') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('con_key') }} as house_ref,
        con_name as full_name,
        {{ phone('con_phone1') }} as phone,
        {{ phone('con_phone2') }} as second_phone,
        {{ email('con_email') }} as email,
        _row_hash as row_hash,
        _valid_from as known_from,
        version_valid_to as known_to,
        version_counts as is_current

    from source

)

select * from renamed
