with

engagements as (

    select * from {{ ref('fct_service_engagement') }}
    where
        service_code in ('blue_badge', 'concessionary_pass', 'resident_permit', 'tenancy')
        and is_open

),

deaths as (

    select * from {{ ref('dim_death') }}
    where death_status in ('reported', 'verified') and known_date is not null

),

standing as (

    select * from {{ ref('int_death_evidence__standing') }}

),

parameters as (

    select * from {{ ref('rule_parameters') }}
    where
        rule_code = 'entitlement_live_after_death'
        and effective_from <= {{ night() }}
        and (effective_to is null or effective_to > {{ night() }})

),

-- a tenancy goes on with the survivor: only when all of its tenants are dead is it left over
episodes as (

    select
        engagements.episode_key,
        engagements.source_system,
        engagements.service_code,
        min(engagements.customer_id) filter (
            where engagements.party_no = 1
        ) as customer_id,
        max(coalesce(deaths.death_date, deaths.known_date)) as last_death_date,
        count(distinct engagements.customer_id) as holder_count
    from engagements
    left join deaths on engagements.customer_id = deaths.customer_id
    group by
        engagements.episode_key,
        engagements.source_system,
        engagements.service_code
    having bool_and(deaths.customer_id is not null)

),

findings as (

    select
        array[episodes.episode_key] as finding_subject_keys,
        'entitlement_live_after_death'::text as rule_code,
        episodes.customer_id,
        null::text as other_customer_id,
        standing.evidence_keys,
        episodes.source_system as system,
        false as is_doubtful,
        jsonb_build_object(
            'service', episodes.service_code,
            'death_date', episodes.last_death_date,
            'holders', episodes.holder_count
        ) as facts
    from episodes
    inner join standing on episodes.customer_id = standing.customer_id
    inner join parameters on parameters.parameter = episodes.service_code || '_days'
    where {{ night() }} - episodes.last_death_date > parameters.value

)

{{ select_findings('findings') }}
