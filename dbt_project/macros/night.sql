{# The night that is being worked on. Nothing in this project reads the clock. #}

{# Cut-off of the night: timestamptz, 00:00 Europe/London. #}
{% macro london_cutoff() -%}
    (select night_context.cutoff from {{ source('control', 'night_context') }} as night_context)
{%- endmacro %}

{# Date of the night. #}
{% macro night() -%}
    (select night_context.night from {{ source('control', 'night_context') }} as night_context)
{%- endmacro %}

{# Date of the last night whose tables were all built; before all dates where there was none. #}
{% macro previous_night() -%}
    (
        select coalesce(night_context.previous_night, '-infinity')
        from {{ source('control', 'night_context') }} as night_context
    )
{%- endmacro %}

{# Cut-off of the last night whose tables were all built; null before the first. #}
{% macro previous_cutoff() -%}
    (
        select night_context.previous_night::timestamp at time zone 'Europe/London'
        from {{ source('control', 'night_context') }} as night_context
    )
{%- endmacro %}

{# London calendar day of an instant. #}
{% macro london_date(instant) -%}
    ({{ instant }} at time zone 'Europe/London')::date
{%- endmacro %}

{# Instant at which a London calendar day begins. #}
{% macro london_midnight(day) -%}
    ({{ day }}::timestamp at time zone 'Europe/London')
{%- endmacro %}

{# Condition: the version of a raw row that counted at the cut-off. #}
{% macro as_of() -%}
    _valid_from <= {{ london_cutoff() }}
    and (_valid_to is null or _valid_to > {{ london_cutoff() }})
{%- endmacro %}
