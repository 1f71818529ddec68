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

{# Keys of the night's work list `record` or `customer`. #}
{% macro work_list(name) -%}
    select {{ name }}_list.{{ name }}_{{ 'key' if name == 'record' else 'id' }}
    from {{ source('work', name) }} as {{ name }}_list
    where {{ name }}_list.night = {{ night() }}
{%- endmacro %}

{% macro is_first_build() -%}
    (
        select night_context.previous_night is null
        from {{ source('control', 'night_context') }} as night_context
    )
{%- endmacro %}

{# Statement for pre_hook: delete the listed keys' rows; nothing while the table does not exist. #}
{% macro delete_worked(key, name='record', query=none) -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }}
        where {{ is_first_build() }} or {{ key }} in ({{ query or work_list(name) }})
    {%- endif -%}
{%- endmacro %}

{# Condition: the key is listed, or everything is to be built. #}
{% macro in_work_list(key, name='record', query=none) -%}
    {%- if is_incremental() -%}
        ({{ is_first_build() }} or {{ key }} in ({{ query or work_list(name) }}))
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
