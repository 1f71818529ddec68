with

steps as (

    select * from {{ ref('int_support__steps') }}
    where step = 'meet' and step_state = 'overdue'

),

findings as (

    {{ support_findings('support_not_met', 'steps') }}

)

{{ select_findings('findings') }}
