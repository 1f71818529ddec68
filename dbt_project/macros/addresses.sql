{# Key of an address as a department writes it: line and postcode, empty where absent. #}
{% macro address_text_key(address_line, postcode) -%}
    md5(concat({{ address_line }}, '|', {{ postcode }}))
{%- endmacro %}

{#
    Value of a key out of JSON text, whatever the case of the key. A cast to json would raise on text that
    is not JSON, and print it.
#}
{% macro json_value(column, keys) -%}
    nullif(trim(substring({{ column }} from '(?i)"(?:{{ keys | join('|') }})"\s*:\s*"?([^",}]*)')), '')
{%- endmacro %}
