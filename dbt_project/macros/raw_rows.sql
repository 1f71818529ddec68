{#
    Rows of a departmental table as of the night. A system whose first load has not worked yet has no
    table: it then reads as empty, with the columns that its manifest declares, so that the night goes on.
#}
{% macro raw_rows(system, table) -%}
    {%- set relation = source(system, table) -%}
    {%- if raw_table_exists(relation, system, table) -%}
        select * from {{ relation }}
    where
        {{ as_of() }}
    {%- else -%}
        {{ no_raw_rows(system, table) }}
    {%- endif -%}
{%- endmacro %}

{# Every version of the rows that was known by the cut-off; _valid_to is null for the one that counts. #}
{% macro raw_versions(system, table) -%}
    {%- set relation = source(system, table) -%}
    {%- if raw_table_exists(relation, system, table) -%}
        select
        raw_versions.*,
        case when raw_versions._valid_to <= {{ london_cutoff() }} then raw_versions._valid_to end
            as version_valid_to,
        -- said as in raw_rows, and not as "version_valid_to is null", because the planner can estimate this
        (raw_versions._valid_to is null or raw_versions._valid_to > {{ london_cutoff() }})
            as version_counts
    from {{ relation }} as raw_versions
    where raw_versions._valid_from <= {{ london_cutoff() }}
    {%- else -%}
        {{ no_raw_rows(system, table, versions=true) }}
    {%- endif -%}
{%- endmacro %}

{% macro raw_table_exists(relation, system, table) -%}
    {%- if not execute or '__dbt__cte__' in (relation | string) -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set found = adapter.get_relation(target.dbname, 'raw_' ~ system, table) -%}
    {{ return(found is not none) }}
{%- endmacro %}

{% macro no_raw_rows(system, table, versions=false) -%}
    {%- set node = graph.sources.values()
        | selectattr('source_name', 'equalto', system) | selectattr('name', 'equalto', table) | first -%}
    select
    {%- for column in node.columns.values() %}
        null::{{ column.data_type }} as {{ column.name }},
    {%- endfor %}
        null::text as _record_key,
        null::bigint as _row_hash,
        null::timestamptz as _valid_from,
        null::timestamptz as _valid_to
        {%- if versions %},
        null::timestamptz as version_valid_to,
        null::boolean as version_counts
        {%- endif %}
    where false
{%- endmacro %}
