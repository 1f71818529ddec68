with

steps as (

    select * from {{ ref('int_support__steps') }}
    where step = 'share' and step_state = 'overdue'

),

findings as (

    {{ support_findings('support_not_shared', 'steps') }}

)

{{ select_findings('findings') }}
