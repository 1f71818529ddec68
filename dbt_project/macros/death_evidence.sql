{#
    From all versions of a table to the newest stretch of versions in which a mark of death stands without
    a break: what it says, since when it shows, and when the next version came that no longer has it. One
    row per record that still exists and ever carried the mark.

    `versions` is a relation or CTE with record_key, known_from and known_to, `marked` the condition that
    the mark stands. Of `next_columns` the value in that next version is given as next_<column>.
#}
{% macro newest_marked_stretch(versions, marked, columns=[], next_columns=[]) -%}
    select
        record_key,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {%- for column in next_columns %}
        next_{{ column }},
        {%- endfor %}
        shown_from,
        next_known_from as taken_back_at
    from (
        select
            *,
            min(known_from) over (partition by record_key, stretch_no) as shown_from,
            row_number() over (partition by record_key order by known_from desc) as newest_no
        from (
            select
                *,
                coalesce({{ marked }}, false) as is_marked,
                count(*) filter (where not coalesce({{ marked }}, false))
                    over (partition by record_key order by known_from) as stretch_no,
                {%- for column in next_columns %}
                lead({{ column }}) over (partition by record_key order by known_from) as next_{{ column }},
                {%- endfor %}
                lead(known_from) over (partition by record_key order by known_from) as next_known_from,
                bool_or(known_to is null) over (partition by record_key) as still_exists
            from {{ versions }}
        ) as stretches
        where is_marked
    ) as marked_versions
    where newest_no = 1 and still_exists
{%- endmacro %}

{# Opaque key of a piece of evidence: the record it is about and the kind of evidence. #}
{% macro evidence_key(record_key, evidence_type) -%}
    encode(
            substring(
                sha256(convert_to(concat({{ record_key }}, '#', {{ evidence_type }}), 'UTF8')) from 1 for 16
            ),
            'hex'
        )
{%- endmacro %}
