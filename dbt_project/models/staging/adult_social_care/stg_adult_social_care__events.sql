with

source as (

    {{ raw_rows('adult_social_care', 'cld_events') }}

),

renamed as (

    select
        _record_key as source_row_key,
        event_id::text as event_ref,
        person_id::text as person_ref,
        {{ clean_text('client_type') }} as client_type,
        {{ clean_text('event_type') }} as event_type,
        {{ known_date('event_start_date') }} as start_date,
        {{ known_date('event_end_date') }} as end_date,
        {{ clean_text('event_outcome') }} as event_outcome,
        {{ clean_text('service_type') }} as service_type,
        {{ clean_text('service_component') }} as service_component,
        {{ clean_text('delivery_mechanism') }} as delivery_mechanism,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
