{#- The six steps of the Accessible Information Standard, and the close of a need that passes. -#}
{{ config(schema='intermediate') }}

with

disclosures as (

    select * from {{ ref('int_facts__told') }}
    where kind = 'support'

),

shared as (

    select
        customer_id,
        action_code
    from {{ ref('dim_support_action') }}

),

dead as (

    select customer_id from {{ ref('dim_death') }}
    where death_status in ('reported', 'verified')

),

-- a need told again, with or without the same action, answers the one that ran out
renewals as (

    select
        ended.fact_id,
        min({{ london_date('newer.known_at') }}) as renewed_on
    from disclosures as ended
    inner join disclosures as newer
        on
            ended.customer_id = newer.customer_id
            and ended.action_code is not distinct from newer.action_code
            and ended.fact_id <> newer.fact_id
            and ended.starts_on <= newer.starts_on
            and coalesce(ended.ends_on < newer.ends_on, true)
    where ended.ends_on is not null
    group by ended.fact_id

),

followed as (

    select
        disclosures.fact_id,
        disclosures.subject_record_key,
        disclosures.customer_id,
        disclosures.action_code,
        disclosures.source_department,
        disclosures.reference,
        disclosures.is_in_force,
        disclosures.disclosed_on,
        disclosures.starts_on,
        disclosures.ends_on,
        disclosures.review_due,
        disclosures.met_on,
        {{ london_date('disclosures.known_at') }} as recorded_on,
        greatest({{ london_date('disclosures.known_at') }} + 1, disclosures.starts_on)
            as shared_from,
        shared.action_code is not null as is_shared,
        renewals.renewed_on,
        dead.customer_id is not null as is_dead
    from disclosures
    left join shared
        on
            disclosures.customer_id = shared.customer_id
            and disclosures.action_code = shared.action_code
    left join renewals on disclosures.fact_id = renewals.fact_id
    left join dead on disclosures.customer_id = dead.customer_id

),

steps as (

    select
        followed.*,
        step.step,
        step.done_on,
        step.due_on
    from followed
    cross join
        lateral unnest(
            array['identify', 'record', 'flag', 'share', 'meet', 'review', 'close'],
            array[
                followed.disclosed_on,
                followed.recorded_on,
                case when followed.action_code is not null then followed.recorded_on end,
                case when followed.is_shared then followed.shared_from end,
                followed.met_on,
                -- a review is never done for good: it sets the next day
                null,
                followed.renewed_on
            ],
            array[
                followed.disclosed_on,
                followed.disclosed_on + {{ rule_parameter('support_recorded_late', 'days') }},
                followed.recorded_on + {{ rule_parameter('support_without_action', 'days') }},
                followed.shared_from + {{ rule_parameter('support_not_shared', 'days') }},
                greatest(followed.recorded_on, followed.starts_on)
                + {{ rule_parameter('support_not_met', 'days') }},
                followed.review_due + {{ rule_parameter('support_past_review', 'grace_days') }},
                followed.ends_on + {{ rule_parameter('support_expired_but_live', 'grace_days') }}
            ]
        ) as step (step, done_on, due_on)
    where step.due_on is not null

),

final as (

    select
        fact_id,
        step,
        subject_record_key,
        customer_id,
        action_code,
        source_department,
        reference,
        done_on,
        due_on,
        case
            when done_on is not null then 'done'
            -- nobody asks the dead, and what has ended is closed, not met
            when is_dead or (not is_in_force and step <> 'close') then 'ended'
            -- without an agreed action there is nothing yet to share and to meet
            when action_code is null and step in ('share', 'meet') then 'open'
            when due_on < {{ night() }} then 'overdue'
            else 'open'
        end as step_state
    from steps

)

select * from final
