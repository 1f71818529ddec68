with

benefit_requests as (

    select * from {{ ref('stg_housing_benefit__evidence_requests') }}

),

benefit_claims as (

    select * from {{ ref('stg_housing_benefit__claims') }}

),

benefit_members as (

    -- a member who moved with the claim stands in every home of it; the last home counts
    select distinct on (claim_id, member_no)
        claim_id,
        member_no,
        record_key
    from {{ ref('stg_housing_benefit__members') }}
    order by claim_id asc, member_no asc, house_no desc

),

housing_requests as (

    select * from {{ ref('stg_housing__evidence_requests') }}

),

housing_members as (

    select * from {{ ref('stg_housing__members') }}

),

housing_applicants as (

    select * from {{ ref('stg_housing__application_members') }}

),

grant_requests as (

    select * from {{ ref('stg_grants__evidence_requests') }}

),

grant_applications as (

    select * from {{ ref('stg_grants__applications') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

leads as (

    select * from {{ ref('int_account_customers__liable') }}
    where party_no = 1

),

requests as (

    select
        benefit_requests.source_row_key as request_id,
        'housing_benefit'::text as source_system,
        benefit_members.record_key,
        benefit_claims.source_row_key as account_key,
        benefit_requests.evidence_type_code,
        benefit_requests.requested_date,
        benefit_requests.received_date,
        benefit_requests.status_code
    from benefit_requests
    left join benefit_members
        on
            benefit_requests.claim_id = benefit_members.claim_id
            and benefit_requests.member_no = benefit_members.member_no
    left join benefit_claims on benefit_requests.claim_id = benefit_claims.claim_id
    union all
    select
        housing_requests.source_row_key as request_id,
        'housing'::text as source_system,
        coalesce(housing_applicants.record_key, housing_members.record_key) as record_key,
        null::text as account_key,
        housing_requests.evidence_type_code,
        housing_requests.requested_date,
        housing_requests.received_date,
        housing_requests.status_code
    from housing_requests
    left join housing_applicants
        on
            housing_requests.application_ref = housing_applicants.application_ref
            and housing_requests.member_no = housing_applicants.member_no
    left join housing_members
        on
            housing_requests.house_ref = housing_members.house_ref
            and housing_requests.member_no = housing_members.member_no
    union all
    select
        grant_requests.source_row_key as request_id,
        'grants'::text as source_system,
        grant_applications.record_key,
        grant_applications.record_key as account_key,
        grant_requests.evidence_type_code,
        grant_requests.requested_date,
        grant_requests.received_date,
        grant_requests.status_code
    from grant_requests
    left join grant_applications
        on grant_requests.application_ref = grant_applications.application_ref

),

final as (

    select
        requests.request_id,
        coalesce(members.customer_id, leads.customer_id) as customer_id,
        requests.source_system,
        requests.evidence_type_code,
        requests.requested_date,
        requests.received_date,
        requests.status_code
    from requests
    left join members on requests.record_key = members.record_key
    left join leads on requests.account_key = leads.account_key

)

select * from final
