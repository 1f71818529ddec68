{{ config(materialized='view') }}

{% for system in var('person_sources') %}
    select
        '{{ system }}' as source_system,
        {{ person_record_columns() | join(',\n    ') }}
    from {{ ref('int_' ~ system ~ '__person_records') }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
