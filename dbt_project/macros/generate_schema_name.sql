{# A model's schema is the name it asks for, the same in every environment: roles and grants hang on it. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
