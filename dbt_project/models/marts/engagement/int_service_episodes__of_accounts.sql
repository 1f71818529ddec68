{{ config(materialized='view', schema='intermediate') }}

with

council_tax_accounts as (

    select * from {{ ref('stg_council_tax__accounts') }}

),

occupations as (

    select * from {{ ref('stg_council_tax__occupations') }}

),

discounts as (

    select * from {{ ref('stg_council_tax__discounts') }}

),

claims as (

    select * from {{ ref('stg_housing_benefit__claims') }}

),

awards as (

    select * from {{ ref('stg_housing_benefit__awards') }}

),

tenancies as (

    select * from {{ ref('stg_housing__tenancies') }}

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

final as (

    select
        occupations.source_row_key as episode_key,
        council_tax_accounts.record_key as account_key,
        'council_tax'::text as source_system,
        'council_tax'::text as service_code,
        occupations.occupied_from_date as start_date,
        occupations.occupied_to_date as end_date,
        null::text as status_code,
        false as is_lead_only
    from occupations
    inner join council_tax_accounts
        on occupations.account_ref = council_tax_accounts.account_ref
    union all
    select
        discounts.source_row_key as episode_key,
        council_tax_accounts.record_key as account_key,
        'council_tax'::text as source_system,
        'council_tax_discount'::text as service_code,
        discounts.start_date,
        discounts.end_date,
        discounts.discount_code as status_code,
        true as is_lead_only
    from discounts
    inner join council_tax_accounts
        on discounts.account_ref = council_tax_accounts.account_ref
    union all
    select
        claims.source_row_key as episode_key,
        claims.source_row_key as account_key,
        'housing_benefit'::text as source_system,
        'benefit_claim'::text as service_code,
        claims.application_date as start_date,
        claims.cancel_date as end_date,
        claims.status_code,
        false as is_lead_only
    from claims
    union all
    select
        awards.source_row_key as episode_key,
        claims.source_row_key as account_key,
        'housing_benefit'::text as source_system,
        service_codes.service_code,
        awards.from_date as start_date,
        awards.to_date as end_date,
        null::text as status_code,
        true as is_lead_only
    from awards
    inner join claims on awards.claim_id = claims.claim_id
    inner join service_codes
        on
            service_codes.source_system = 'housing_benefit'
            and service_codes.source_kind = 'award'
            and awards.award_type_code = service_codes.source_code
    union all
    select
        tenancies.source_row_key as episode_key,
        tenancies.source_row_key as account_key,
        'housing'::text as source_system,
        'tenancy'::text as service_code,
        tenancies.start_date,
        tenancies.end_date,
        tenancies.tenure_code as status_code,
        false as is_lead_only
    from tenancies
    union all
    select
        waiting_list.source_row_key as episode_key,
        waiting_list.source_row_key as account_key,
        'housing'::text as source_system,
        'waiting_list'::text as service_code,
        waiting_list.application_date as start_date,
        -- the list keeps no date of leaving: who is no longer active left by the night
        case
            when waiting_list.status_code <> 'ACTIVE'
                then {{ london_date('waiting_list.known_from') }} - 1
        end as end_date,
        waiting_list.status_code,
        false as is_lead_only
    from waiting_list
    union all
    select
        grant_applications.record_key as episode_key,
        grant_applications.record_key as account_key,
        'grants'::text as source_system,
        service_codes.service_code,
        grant_applications.decided_date as start_date,
        grant_applications.decided_date as end_date,
        grant_applications.decision_code as status_code,
        false as is_lead_only
    from grant_applications
    inner join service_codes
        on
            service_codes.source_system = 'grants'
            and service_codes.source_kind = 'scheme'
            and grant_applications.scheme_code = service_codes.source_code
    where grant_applications.decision_code = 'AWARDED'

)

select * from final
