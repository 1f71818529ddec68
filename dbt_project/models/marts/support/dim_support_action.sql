with

facts as (

    select * from {{ ref('int_facts__told') }}
    where
        kind = 'support'
        and is_in_force
        and action_code is not null
        and customer_id is not null

),

allowed as (

    select department from {{ source('control', 'purpose_in_force') }}
    where purpose = 'support' and data_class = 'support_action'

),

actions as (

    select * from {{ ref('support_actions') }}

),

-- the register decides each night anew: a department that may not be told any more is left out
told_departments as (

    select
        facts.fact_id,
        allowed.department
    from facts
    cross join lateral unnest(facts.share_scope) as scope (department)
    inner join allowed on scope.department = allowed.department

),

final as (

    select
        facts.customer_id,
        facts.action_code,
        actions.action_name,
        actions.action_kind,
        array_agg(distinct told_departments.department order by told_departments.department)
            as departments,
        min(facts.starts_on) as starts_on,
        min(facts.review_due) as review_due,
        case when bool_and(facts.ends_on is not null) then max(facts.ends_on) end as ends_on
    from facts
    inner join told_departments on facts.fact_id = told_departments.fact_id
    inner join actions on facts.action_code = actions.action_code
    group by
        facts.customer_id,
        facts.action_code,
        actions.action_name,
        actions.action_kind

)

select * from final
