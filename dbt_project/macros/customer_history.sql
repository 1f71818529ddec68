{#- The three statements around `dim_customer` that keep its history.
    The night can be run again, so each undoes first what an earlier run of it did. -#}

{#- Take back what this night (or a later one) wrote. -#}
{%- macro rewind_customer_history() -%}
{%- if is_incremental() -%}
delete from {{ this }} where valid_from >= {{ night() }};
update {{ this }}
set valid_to = null, is_current = true
where valid_to >= {{ night() }};
{{ withhold_contact_details() }}
{%- endif -%}
{%- endmacro -%}

{#- Rub out of every period what now belongs to a safe-flagged person. Done before tonight's values
    are compared, so that becoming safe-flagged is no date in the history either. -#}
{%- macro withhold_contact_details() -%}
update {{ this }}
set
    address_id = 'address_withheld',
    address_line = 'address_withheld',
    postcode = null,
    uprn = null,
    address_source = null,
    address_as_of = null,
    address_status = 'address_withheld'
where
    address_status <> 'address_withheld'
    and (
        customer_id in (select customer_id from {{ ref('int_customers__safe_flag') }})
        or address_id in (
            select value from {{ ref('int_contact_details__protected') }}
            where attribute = 'address_id'
        )
    );
{%- for attribute in ['phone', 'email'] %}
update {{ this }}
set
    {{ attribute }} = null,
    {{ attribute }}_source = null,
    {{ attribute }}_as_of = null
where
    {{ attribute }} is not null
    and (
        customer_id in (select customer_id from {{ ref('int_customers__safe_flag') }})
        or {{ attribute }} in (
            select value from {{ ref('int_contact_details__protected') }}
            where attribute = '{{ attribute }}'
        )
    );
{%- endfor %}
{%- endmacro -%}

{#- End the periods that tonight's rows replace, and those of customers that are no more. -#}
{%- macro close_customer_history() -%}
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
    );
{%- endmacro -%}
