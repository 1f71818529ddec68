{{ config(materialized='view', schema='intermediate') }}

with

care_persons as (

    select * from {{ ref('stg_adult_social_care__persons') }}

),

care_events as (

    select * from {{ ref('stg_adult_social_care__events') }}

),

children as (

    select * from {{ ref('stg_children_social_care__persons') }}

),

child_episodes as (

    select * from {{ ref('stg_children_social_care__cin_episodes') }}

),

care_leavers as (

    select * from {{ ref('stg_children_social_care__care_leavers') }}

),

pupils as (

    select * from {{ ref('stg_education__pupils') }}

),

posts as (

    select * from {{ ref('stg_hr_payroll__posts') }}

),

permits as (

    select * from {{ ref('stg_permits__permits') }}

),

service_codes as (

    select * from {{ ref('service_code_map') }}

),

final as (

    select
        care_events.source_row_key as episode_key,
        care_persons.record_key,
        'adult_social_care'::text as source_system,
        service_codes.service_code,
        care_events.start_date,
        care_events.end_date,
        care_events.event_outcome as status_code
    from care_events
    inner join care_persons on care_events.person_ref = care_persons.person_ref
    inner join service_codes
        on
            service_codes.source_system = 'adult_social_care'
            and service_codes.source_kind = 'event'
            and upper(care_events.event_type) = service_codes.source_code
    union all
    select
        child_episodes.source_row_key as episode_key,
        children.record_key,
        'children_social_care'::text as source_system,
        'child_in_need'::text as service_code,
        child_episodes.start_date,
        child_episodes.end_date,
        child_episodes.close_reason_code as status_code
    from child_episodes
    inner join children on child_episodes.person_ref = children.person_ref
    union all
    select
        care_leavers.source_row_key as episode_key,
        children.record_key,
        'children_social_care'::text as source_system,
        'care_leaver'::text as service_code,
        null::date as start_date,
        null::date as end_date,
        null::text as status_code
    from care_leavers
    inner join children on care_leavers.person_ref = children.person_ref
    union all
    select
        record_key as episode_key,
        record_key,
        'education'::text as source_system,
        'school_place'::text as service_code,
        admission_date as start_date,
        leaving_date as end_date,
        enrolment_status_code as status_code
    from pupils
    union all
    select
        record_key as episode_key,
        record_key,
        'education'::text as source_system,
        'free_school_meals'::text as service_code,
        free_meals_from_date as start_date,
        free_meals_to_date as end_date,
        null::text as status_code
    from pupils
    where free_meals_from_date is not null
    union all
    select
        record_key as episode_key,
        record_key,
        'hr_payroll'::text as source_system,
        'council_employment'::text as service_code,
        start_date,
        end_date,
        null::text as status_code
    from posts
    union all
    select
        permits.record_key as episode_key,
        permits.record_key,
        'permits'::text as source_system,
        service_codes.service_code,
        permits.issued_date as start_date,
        least(permits.cancelled_date, permits.expires_date) as end_date,
        null::text as status_code
    from permits
    inner join service_codes
        on
            service_codes.source_system = 'permits'
            and service_codes.source_kind = 'permit_type'
            and permits.permit_type_code = service_codes.source_code

)

select * from final
