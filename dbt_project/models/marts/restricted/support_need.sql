with

standing as (

    select * from {{ ref('int_facts__told') }}
    where kind = 'support' and is_in_force and customer_id is not null

),

facts as (

    select * from {{ source('facts', 'fact') }}

),

needs as (

    select * from {{ ref('support_needs') }}

),

final as (

    select
        standing.fact_id,
        standing.customer_id,
        facts.need_code,
        needs.need_name,
        needs.is_special_category,
        facts.action_code,
        facts.channel_code,
        facts.condition_code,
        standing.source_department,
        standing.share_scope,
        standing.disclosed_on,
        standing.starts_on,
        standing.review_due,
        standing.ends_on
    from standing
    inner join facts on standing.fact_id = facts.fact_id
    inner join needs on facts.need_code = needs.need_code

)

select * from final
