with

source as (

    {{ raw_versions('council_tax', 'ctliab_person') }}

),

renamed as (

    select
        _record_key as record_key,
        account_ref::text as account_ref,
        liab_pers_occ as occurrence_no,
        liab_name as full_name,
        liab_pos as liability_code,
        _row_hash as row_hash,
        _valid_from as known_from,
        version_valid_to as known_to,
        version_counts as is_current

    from source

)

select * from renamed
