with

steps as (

    select * from {{ ref('int_support__steps') }}
    where
        step = 'record'
        and done_on > due_on
        -- it cannot be made undone, only noticed
        and {{ night() }} - done_on <= {{ rule_parameter('support_recorded_late', 'shown_days') }}

),

findings as (

    {{ support_findings('support_recorded_late', 'steps', until='done_on') }}

)

{{ select_findings('findings') }}
