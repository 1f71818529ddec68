with

steps as (

    select * from {{ ref('int_support__steps') }}
    where step = 'close' and step_state = 'overdue'

),

findings as (

    {{ support_findings('support_expired_but_live', 'steps') }}

)

{{ select_findings('findings') }}
