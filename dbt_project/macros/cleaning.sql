{#
    Expressions that tidy what departments type. None of them can raise, whatever the value: PostgreSQL
    prints values in its errors. Values that mean "unknown" become null here and nowhere else.
#}

{# Text with single spaces; null when nothing is left. #}
{% macro clean_text(column) -%}
    nullif(trim(regexp_replace({{ column }}, '\s+', ' ', 'g')), '')
{%- endmacro %}

{# Code in capitals; null when empty. #}
{% macro code(column) -%}
    nullif(upper(trim({{ column }}::text)), '')
{%- endmacro %}

{#
    Date; null where the system writes a date in place of "unknown" (1900-01-01) or "open" (2099-12-31,
    31/12/2999 and other days of a far future that no form of ours can mean).
#}
{% macro known_date(column) -%}
    case
            when {{ column }} > date '1900-01-01' and {{ column }} < date '2050-01-01'
                then {{ column }}
        end
{%- endmacro %}

{# Whether a flag is set, as any of the systems writes it. #}
{% macro is_yes(column) -%}
    coalesce(upper(trim({{ column }}::text)) in ('Y', 'YES', '1', 'T', 'TRUE'), false)
{%- endmacro %}

{# M, F or null; 1 and 2 are the benefit system's codes. #}
{% macro sex_code(column) -%}
    case left(upper(trim({{ column }}::text)), 1)
            when 'M' then 'M'
            when '1' then 'M'
            when 'F' then 'F'
            when '2' then 'F'
        end
{%- endmacro %}

{# Lines of an address in one, in the order given. #}
{% macro address_line(columns) -%}
    nullif(concat_ws(', ',
            {%- for column in columns %} nullif(trim({{ column }}), ''){{ ',' if not loop.last }}{% endfor -%}
        ), '')
{%- endmacro %}

{# Postcode as typed, in capitals; the standard form comes from int_address_texts. #}
{% macro postcode(column) -%}
    {{ code(column) }}
{%- endmacro %}

{# UPRN without leading zeros; null where it is not a number. #}
{% macro uprn(column) -%}
    substring(ltrim(trim({{ column }}), '0') from '^[0-9]{1,12}$')
{%- endmacro %}

{# National Insurance number; null for temporary and impossible ones. #}
{% macro nino(column) -%}
    substring(
            upper(translate({{ column }}, ' -.', ''))
            from '^(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]?$'
        )
{%- endmacro %}

{# NHS number of ten digits. #}
{% macro nhs_number(column) -%}
    substring(translate({{ column }}, ' -', '') from '^[0-9]{10}$')
{%- endmacro %}

{# Unique pupil number; null for a temporary one, which ends with a letter. #}
{% macro upn(column) -%}
    substring(upper(trim({{ column }})) from '^[A-Z][0-9]{12}$')
{%- endmacro %}

{# UK telephone number in national form, digits only; null for placeholders. #}
{% macro phone(column) -%}
    substring(
            regexp_replace(translate({{ column }}, ' ()-.+', ''), '^(0044|44)0?', '0')
            from '^0[1-9](?!0{8}|123456789)[0-9]{8,9}$'
        )
{%- endmacro %}

{# E-mail address in lower case; null where it cannot be one. #}
{% macro email(column) -%}
    lower(substring(trim({{ column }}) from '^[^@\s]+@[^@\s]+\.[^@\s]+$'))
{%- endmacro %}
