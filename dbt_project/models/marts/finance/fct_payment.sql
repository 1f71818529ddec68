{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook=[
            "{{ delete_worked('account_key', query=changed_accounts()) }}",
            "{{ delete_worked('payment_id', 'record') }}"
        ]
    )
}}

with

account_transactions as (

    select * from {{ ref('int_account_transactions') }}
    where
        kind in ('paid', 'refunded')
        and {{ in_work_list('account_key', query=changed_accounts()) }}

),

care_persons as (

    select
        person_ref,
        record_key as account_key
    from {{ ref('stg_adult_social_care__persons') }}
    where {{ in_work_list('record_key', query=changed_accounts()) }}

),

direct_payments as (

    select * from {{ ref('stg_adult_social_care__direct_payments') }}

),

grant_applications as (

    select
        application_ref,
        scheme_code,
        record_key as account_key
    from {{ ref('stg_grants__applications') }}
    where {{ in_work_list('record_key', query=changed_accounts()) }}

),

grant_payments as (

    select * from {{ ref('stg_grants__payments') }}

),

service_codes as (

    select * from {{ ref('service_code_map') }}

),

leads as (

    select * from {{ ref('int_account_customers__liable') }}
    where party_no = 1

),

members as (

    select * from {{ ref('int_customers__members') }}

),

payments as (

    select
        source_row_key as payment_id,
        account_key,
        source_system,
        service_code,
        case when kind = 'paid' then 'in' else 'out' end as direction_code,
        transaction_date as payment_date,
        -- charges raise a balance and payments lower it
        case when kind = 'paid' then -amount_gbp else amount_gbp end as amount_gbp
    from account_transactions
    union all
    select
        direct_payments.source_row_key as payment_id,
        care_persons.account_key,
        'adult_social_care'::text as source_system,
        'direct_payment'::text as service_code,
        'out'::text as direction_code,
        direct_payments.payment_date,
        direct_payments.amount_gbp
    from direct_payments
    inner join care_persons on direct_payments.person_ref = care_persons.person_ref
    union all
    select
        grant_payments.source_row_key as payment_id,
        grant_applications.account_key,
        'grants'::text as source_system,
        service_codes.service_code,
        'out'::text as direction_code,
        grant_payments.payment_date,
        grant_payments.amount_gbp
    from grant_payments
    inner join grant_applications
        on grant_payments.application_ref = grant_applications.application_ref
    inner join service_codes
        on
            service_codes.source_system = 'grants'
            and service_codes.source_kind = 'scheme'
            and grant_applications.scheme_code = service_codes.source_code

),

final as (

    select
        payments.payment_id,
        coalesce(leads.customer_id, members.customer_id) as customer_id,
        payments.account_key,
        payments.source_system,
        payments.service_code,
        payments.direction_code,
        payments.payment_date,
        coalesce(payments.amount_gbp, 0)::numeric(12, 2) as amount_gbp,
        coalesce(leads.is_joint, false) as is_joint
    from payments
    left join leads on payments.account_key = leads.account_key
    -- where the account is the person, as in social care
    left join members on payments.account_key = members.record_key

)

select * from final
