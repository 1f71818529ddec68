{#
    Views that are already there with the same definition are left alone; dbt would make each of them
    anew every night, and drop what depends on them. The definition's fingerprint is the view's comment.
#}
{% materialization view, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set fingerprint = 'definition ' ~ local_md5(sql) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set found = run_query(
        "select obj_description(to_regclass('" ~ target_relation.include(database=false) ~ "'), 'pg_class')"
    ) -%}
    {%- set changed = found.columns[0].values()[0] != fingerprint or should_full_refresh() -%}
    {% if not changed %}
        {% call noop_statement('main', 'UNCHANGED') %}{% endcall %}
    {% else %}
        {% if existing_relation is not none %}
            {{ adapter.drop_relation(existing_relation) }}
        {% endif %}
        {% call statement('main') %}
            {{ get_create_view_as_sql(target_relation, sql) }};
            comment on view {{ target_relation }} is '{{ fingerprint }}'
        {% endcall %}
    {% endif %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% if changed or pre_hooks or post_hooks %}
        {{ adapter.commit() }}
    {% endif %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
