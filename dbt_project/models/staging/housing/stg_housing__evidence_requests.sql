with

source as (

    {{ raw_rows('housing', 'evidence') }}

),

renamed as (

    select
        _record_key as source_row_key,
        request_id::text as request_ref,
        {{ clean_text('house_ref') }} as house_ref,
        {{ clean_text('app_ref') }} as application_ref,
        person_no as member_no,
        {{ code('evidence_type') }} as evidence_type_code,
        {{ known_date('requested_on') }} as requested_date,
        {{ known_date('received_on') }} as received_date,
        {{ code('status') }} as status_code,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
