{# Columns of every int_<system>__person_records, in this order; int_person_records__all takes them by name. #}
{% macro person_record_columns() -%}
    {{ return([
        'source_table', 'source_row_key', 'record_key', 'title', 'forename', 'middle_names', 'surname', 'suffix',
        'name_kind', 'name_says_deceased', 'birth_date', 'sex', 'address_line', 'postcode', 'uprn', 'nino',
        'nhs_number', 'upn', 'person_number', 'phone', 'email', 'account_key', 'account_ref', 'other_account_refs',
        'party_no', 'party_role', 'account_from_date', 'account_to_date', 'is_safe_flagged', 'is_live_record',
        'known_from', 'input_hash'
    ]) }}
{%- endmacro %}

{#
    Adds to the night's work list the person records that are new, gone, or made of other rows than when
    they were built last: their own row, the account's, the property's, the telephone's. Comparing hashes of
    those rows sees changes of all of them alike, so that no system has to declare what depends on what.
#}
{% macro list_changed_person_records() -%}
    {%- if execute and is_incremental() -%}
        insert into {{ source('work', 'record') }} (night, record_key)
        select
            {{ night() }},
            coalesce(tonight.record_key, built.record_key)
        from (select record_key, input_hash from {{ ref('int_person_records__all') }}) as tonight
        full join {{ this }} as built on tonight.record_key = built.record_key
        where tonight.input_hash is distinct from built.input_hash
        on conflict do nothing
    {%- endif -%}
{%- endmacro %}

{# The same for the night on which the table was made anew: all records. #}
{% macro list_all_person_records() -%}
    {%- if execute and not is_incremental() -%}
        insert into {{ source('work', 'record') }} (night, record_key)
        select
            {{ night() }},
            built.record_key
        from {{ this }} as built
        on conflict do nothing
    {%- endif -%}
{%- endmacro %}
