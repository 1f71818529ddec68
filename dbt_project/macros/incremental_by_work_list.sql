{#
    Incremental models of this project rebuild the rows of changed keys. Which keys changed is persisted
    by the night before dbt starts (work.record, work.customer), so that a run that is killed and started
    again works on the same list. A hook deletes the rows of listed keys and the model appends them anew,
    both in one transaction. With no previous night, everything counts as listed.

        {{ config(
            materialized='incremental', incremental_strategy='append', on_schema_change='fail',
            pre_hook="{{ delete_worked('customer_id', 'customer') }}"
        ) }}
        ...
        select * from final where {{ in_work_list('customer_id', 'customer') }}
#}

{# Keys of the night's work list `record` or `customer`; the latter is filled by int_customers__changed. #}
{% macro work_list(name) -%}
    {%- if name == 'customer' -%}
        {%- do ref('int_customers__changed') -%}
    {%- endif -%}
    select {{ name }}_list.{{ name }}_{{ 'key' if name == 'record' else 'id' }}
    from {{ source('work', name) }} as {{ name }}_list
    where {{ name }}_list.night = {{ night() }}
{%- endmacro %}

{# Expression: whether no night before was built. #}
{% macro is_first_build() -%}
    (
        select night_context.previous_night is null
        from {{ source('control', 'night_context') }} as night_context
    )
{%- endmacro %}

{#
    The same, known while the statement is written: "all rows, or those of the list" in one condition would
    keep the planner from joining the list early, and every row would be tidied before it is left out.
#}
{% macro builds_everything() -%}
    {%- if not execute or not is_incremental() -%}
        {{ return(true) }}
    {%- endif -%}
    {%- if '__dbt__cte__' in (source('control', 'night_context') | string) -%}
        {#- a unit test that plays a later night -#}
        {{ return(false) }}
    {%- endif -%}
    {%- set found = run_query('select ' ~ is_first_build()) -%}
    {{ return(found.columns[0].values()[0] is sameas true) }}
{%- endmacro %}

{# Statement for pre_hook: delete the listed keys' rows; nothing while the table does not exist. #}
{% macro delete_worked(key, name='record', query=none) -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }}
        {% if not builds_everything() -%}
            where {{ key }} in ({{ query or work_list(name) }})
        {%- endif %}
    {%- endif -%}
{%- endmacro %}

{# Condition: the key is listed, or everything is to be built. #}
{% macro in_work_list(key, name='record', query=none) -%}
    {%- if not execute -%}
        {#- while the project is read: note what the model depends on -#}
        {%- set noted = query or work_list(name) -%}
    {%- endif -%}
    {%- if builds_everything() -%}
        true
    {%- else -%}
        {{ key }} in ({{ query or work_list(name) }})
    {%- endif -%}
{%- endmacro %}
