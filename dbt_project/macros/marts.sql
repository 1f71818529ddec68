{#- Macros of the marts and of the review rules. -#}

{#- Value of a rule's parameter in force on a date (by default the night): a scalar subquery. -#}
{% macro rule_parameter(rule_code, parameter, on_date=none) -%}
    (
        select parameters.value
        from {{ ref('rule_parameters') }} as parameters
        where
            parameters.rule_code = '{{ rule_code }}'
            and parameters.parameter = '{{ parameter }}'
            and parameters.effective_from <= {{ on_date or night() }}
            and (
                parameters.effective_to is null
                or parameters.effective_to > {{ on_date or night() }}
            )
    )
{%- endmacro %}

{#- The last columns of every review model, so that all have one shape. -#}
{% macro select_findings(relation) -%}
    select
        finding_subject_keys,
        rule_code,
        customer_id,
        other_customer_id,
        evidence_keys,
        system,
        is_doubtful,
        facts
    from {{ relation }}
{%- endmacro %}

{#-
    The departments' tables, out of the manifests, as rows of system, table, owner, lawful basis,
    whether required, and what a key means. Unit tests override it.
-#}
{% macro manifest_tables() -%}
    {%- set rows = [] -%}
    {%- if execute -%}
        {%- for source in graph.sources.values() if 'key_means_person' in source.config.meta -%}
            {%- set meta = source.config.meta -%}
            {%- set texts = [
                source.source_name, source.name, meta.owner, meta.lawful_basis, meta.key_means_person
            ] -%}
            {%- do rows.append("('" ~ texts | join("', '") ~ "', " ~ meta.required | lower ~ ")") -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if rows -%}
        values
        {{ rows | sort | join(',\n        ') }}
    {%- else -%}
        select null::text, null::text, null::text, null::text, null::text, null::boolean
        where false
    {%- endif -%}
{%- endmacro %}

{#- Query for the work list of the models that are kept by account. -#}
{% macro changed_accounts() -%}
    select changed_accounts.account_key from {{ ref('int_accounts__changed') }} as changed_accounts
{%- endmacro %}

{#-
    Unit tests read the types of fixtures from the catalogue, which calls every array ARRAY; ours are
    of text.
-#}
{% macro postgres__safe_cast(field, type) -%}
    cast({{ field }} as {{ 'text[]' if type == 'ARRAY' else type }})
{%- endmacro %}
