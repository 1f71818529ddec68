{#- The statements around `int_customers__history` that keep it night by night.
    The night can be run again, so each undoes first what an earlier run of it did. -#}

{#- Take back all that came after the last built night: this night's rows, a later one's, and those of a
    night between that was broken off, whose work this night has taken over. -#}
{% macro rewind_customer_history() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where valid_from > {{ previous_night() }};
        update {{ this }}
        set valid_to = null, is_current = true
        where valid_to > {{ previous_night() }}
    {%- endif -%}
{%- endmacro %}

{#- End the periods that tonight's rows replace, and those of customers that are no more. -#}
{% macro close_customer_history() -%}
    update {{ this }} as replaced
    set valid_to = {{ night() }}, is_current = false
    where
        replaced.valid_to is null
        and replaced.valid_from < {{ night() }}
        and (
            exists (
                select 1 from {{ this }} as replacing
                where
                    replacing.customer_id = replaced.customer_id
                    and replacing.valid_from = {{ night() }}
            )
            or not exists (
                select 1 from {{ ref('int_customers__members') }} as members
                where members.customer_id = replaced.customer_id
            )
        )
{%- endmacro %}

{#- Further conditions of a where clause: one of the columns differs, nulls being equal. -#}
{% macro differs(left_name, right_name, columns) -%}
    {%- for column in columns %}
        or {{ left_name }}.{{ column }} is distinct from {{ right_name }}.{{ column }}
    {%- endfor -%}
{%- endmacro %}
