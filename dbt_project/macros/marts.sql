{#- Macros of the marts and of the review rules. -#}

{#- Value of a rule's parameter in force on a date (by default the night): a scalar subquery. -#}
{%- macro rule_parameter(rule_code, parameter, on_date=none) -%}
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
{%- endmacro -%}

{#- The last columns of every review model, so that all have one shape.
    Findings are read in a fixed order nowhere, so none is given here. -#}
{%- macro select_findings(relation) -%}
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
{%- endmacro -%}

{#- Tables of the departmental systems as (system, table, owner, lawful basis, required), out of
    the manifests: a values list for a common table expression. Unit tests override it. -#}
{%- macro manifest_tables() -%}
{%- set rows = [] -%}
{%- if execute -%}
{%- for source in graph.sources.values() if source.schema.startswith('raw_') and 'primary_key' in source.config.meta -%}
{%- set meta = source.config.meta -%}
{%- do rows.append(
    "('" ~ source.source_name ~ "', '" ~ source.name ~ "', '" ~ meta.get('owner', '') ~ "', '"
    ~ meta.get('lawful_basis', '') ~ "', " ~ (meta.get('required', false) | string | lower) ~ ", '"
    ~ meta.get('key_means_person', 'none') ~ "')"
) -%}
{%- endfor -%}
{%- endif -%}
{%- if rows -%}
values
        {{ rows | sort | join(',\n        ') }}
{%- else -%}
select null::text, null::text, null::text, null::text, null::boolean, null::text where false
{%- endif -%}
{%- endmacro -%}

{#- Query for the work list of the models that are kept by account. -#}
{%- macro changed_accounts() -%}
select changed_accounts.account_key from {{ ref('int_accounts__changed') }} as changed_accounts
{%- endmacro -%}

{#- Unit tests read the types of fixtures from the catalogue, which calls every array ARRAY; ours are
    of text. -#}
{%- macro postgres__safe_cast(field, type) -%}
cast({{ field }} as {{ 'text[]' if type == 'ARRAY' else type }})
{%- endmacro -%}
