with

steps as (

    select * from {{ ref('int_support__steps') }}
    where step = 'review' and step_state = 'overdue'

),

findings as (

    {{ support_findings('support_past_review', 'steps') }}

)

{{ select_findings('findings') }}
