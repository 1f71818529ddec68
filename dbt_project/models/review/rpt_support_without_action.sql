with

steps as (

    select * from {{ ref('int_support__steps') }}
    where step = 'flag' and step_state = 'overdue'

),

findings as (

    {{ support_findings('support_without_action', 'steps') }}

)

{{ select_findings('findings') }}
