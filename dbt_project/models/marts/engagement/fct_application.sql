with

claims as (

    select * from {{ ref('stg_housing_benefit__claims') }}

),

waiting_list as (

    select * from {{ ref('stg_housing__applications') }}

),

grant_applications as (

    select * from {{ ref('stg_grants__applications') }}

),

service_codes as (

    select * from {{ ref('service_code_map') }}

),

leads as (

    select * from {{ ref('int_account_customers__liable') }}
    where party_no = 1

),

applications as (

    select
        source_row_key as application_id,
        'housing_benefit'::text as source_system,
        'benefit_claim'::text as service_code,
        application_date as applied_date,
        status_code,
        null::date as decided_date,
        null::numeric as amount_requested_gbp
    from claims
    union all
    select
        source_row_key as application_id,
        'housing'::text as source_system,
        'waiting_list'::text as service_code,
        application_date as applied_date,
        status_code,
        null::date as decided_date,
        null::numeric as amount_requested_gbp
    from waiting_list
    union all
    select
        grant_applications.record_key as application_id,
        'grants'::text as source_system,
        service_codes.service_code,
        grant_applications.submitted_date as applied_date,
        grant_applications.decision_code as status_code,
        grant_applications.decided_date,
        grant_applications.amount_requested_gbp
    from grant_applications
    inner join service_codes
        on
            service_codes.source_system = 'grants'
            and service_codes.source_kind = 'scheme'
            and grant_applications.scheme_code = service_codes.source_code

),

final as (

    select
        applications.application_id,
        leads.customer_id,
        applications.source_system,
        applications.service_code,
        applications.applied_date,
        applications.status_code,
        applications.decided_date,
        applications.amount_requested_gbp::numeric(12, 2) as amount_requested_gbp,
        coalesce(leads.is_joint, false) as is_joint
    from applications
    left join leads on applications.application_id = leads.account_key

)

select * from final
