with

source as (

    {{ raw_rows('grants', 'evidence') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('request_ref') }} as request_ref,
        {{ clean_text('application_ref') }} as application_ref,
        {{ code('evidence_type') }} as evidence_type_code,
        {{ known_date('requested_on') }} as requested_date,
        {{ known_date('received_on') }} as received_date,
        {{ code('status') }} as status_code,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
