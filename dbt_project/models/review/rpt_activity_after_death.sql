with

deaths as (

    select * from {{ ref('dim_death') }}
    where death_status = 'verified' and max_death_date is not null

),

standing as (

    select * from {{ ref('int_death_evidence__standing') }}

),

contacts as (

    select * from {{ ref('fct_contact') }}

),

applications as (

    select * from {{ ref('fct_application') }}

),

payments as (

    select * from {{ ref('fct_payment') }}

),

activities as (

    select
        contact_id as activity_key,
        customer_id,
        source_system,
        contact_date as activity_date,
        'contact'::text as kind,
        channel_code as code
    from contacts
    -- a contact in the name of the dead about their death is no sign of life
    where reason_code is distinct from 'BEREAVEMENT'
    union all
    select
        application_id as activity_key,
        customer_id,
        source_system,
        applied_date as activity_date,
        'application'::text as kind,
        service_code as code
    from applications
    where not is_joint
    union all
    -- off by default: standing orders and relatives go on paying
    select
        payment_id as activity_key,
        customer_id,
        source_system,
        payment_date as activity_date,
        'payment'::text as kind,
        service_code as code
    from payments
    where
        direction_code = 'in'
        and not is_joint
        and {{ rule_parameter('activity_after_death', 'counts_payments') }} = 1

),

findings as (

    select
        array[activities.activity_key] as finding_subject_keys,
        'activity_after_death'::text as rule_code,
        deaths.customer_id,
        null::text as other_customer_id,
        standing.evidence_keys,
        activities.source_system as system,
        false as is_doubtful,
        jsonb_build_object(
            'kind', activities.kind,
            'code', activities.code,
            'activity_date', activities.activity_date,
            'death_date', deaths.death_date,
            'days_after', activities.activity_date - deaths.max_death_date,
            'status_rule', deaths.status_rule_code
        ) as facts
    from deaths
    inner join activities on deaths.customer_id = activities.customer_id
    inner join standing on deaths.customer_id = standing.customer_id
    where
        activities.activity_date > deaths.max_death_date
        + {{ rule_parameter('activity_after_death', 'grace_days') }}

)

{{ select_findings('findings') }}
