{#- Why support is needed is left out here: this schema has more readers than those who may know. -#}
{{ config(indexes=[
    {'columns': ['fact_id'], 'unique': true}, {'columns': ['customer_id']}
]) }}

with

facts as (

    -- what was told on the day itself is the next night's
    select * from {{ source('facts', 'fact') }}
    where known_at < {{ london_cutoff() }}

),

subjects as (

    select * from {{ source('facts', 'subject') }}

),

-- who it was on the night, should that be a past one; a record that is gone leads to whom it belongs to now
memberships as (

    select * from {{ source('link', 'membership') }}
    where
        valid_from <= {{ night() }}
        and (valid_to is null or valid_to > {{ night() }})

),

withdrawn as (

    select distinct refers_to as fact_id
    from facts
    where kind = 'withdrawal'

),

standing as (

    select facts.*
    from facts
    left join withdrawn on facts.fact_id = withdrawn.fact_id
    where withdrawn.fact_id is null and facts.kind <> 'withdrawal'

),

answers as (

    select
        refers_to as fact_id,
        min(ends_on) filter (where kind = 'moratorium_ended') as ended_on,
        max(review_due) filter (where kind = 'support_reviewed') as review_due,
        max({{ london_date('known_at') }}) filter (
            where kind = 'support_reviewed'
        ) as reviewed_on,
        min({{ london_date('known_at') }}) filter (where kind = 'support_met') as met_on
    from standing
    where refers_to is not null
    group by refers_to

),

final as (

    select
        standing.fact_id,
        standing.kind,
        standing.subject_record_key,
        coalesce(memberships.customer_id, subjects.customer_id) as customer_id,
        standing.known_at,
        standing.starts_on,
        least(standing.ends_on, answers.ended_on) as ends_on,
        coalesce(answers.review_due, standing.review_due) as review_due,
        answers.reviewed_on,
        answers.met_on,
        standing.date_of_death,
        standing.evidence_code,
        standing.level,
        standing.disclosed_on,
        standing.action_code,
        standing.share_scope,
        standing.moratorium_code,
        standing.source_department,
        standing.reference,
        coalesce(standing.starts_on <= {{ night() }}, true)
        and coalesce(least(standing.ends_on, answers.ended_on) > {{ night() }}, true)
            as is_in_force
    from standing
    inner join subjects on standing.subject_record_key = subjects.record_key
    left join memberships on standing.subject_record_key = memberships.record_key
    left join answers on standing.fact_id = answers.fact_id
    -- answers count with the fact that they are about
    where standing.refers_to is null

)

select * from final
