{#- What is kept here is whole; what a safe-flagged person's periods may show is decided each night
    anew by dim_customer, so that a flag that comes or goes leaves no trace in the history. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        schema='intermediate',
        full_refresh=false,
        on_schema_change='fail',
        indexes=[{'columns': ['customer_id', 'valid_from'], 'unique': true}],
        pre_hook='{{ rewind_customer_history() }}',
        post_hook='{{ close_customer_history() }}'
    )
}}

{%- set attributes = [
    'title', 'forename', 'middle_names', 'surname', 'suffix', 'birth_date', 'sex',
    'address_id', 'address_line', 'postcode', 'uprn', 'phone', 'email'
] -%}
{#- What starts a new period when it changes: all but the dates since when a system says so. -#}
{%- set compared = [
    'title', 'title_source', 'forename', 'forename_source', 'middle_names',
    'middle_names_source', 'surname', 'surname_source', 'suffix', 'suffix_source',
    'birth_date', 'birth_date_source', 'sex', 'sex_source', 'address_id', 'address_line',
    'postcode', 'uprn', 'address_id_source', 'phone', 'phone_source', 'email', 'email_source',
    'death_status', 'death_date', 'source_system_count', 'record_count'
] %}

with

members as (

    select * from {{ ref('int_customers__members') }}

),

golden as (

    select * from {{ ref('int_customers__golden') }}

),

deaths as (

    select * from {{ ref('dim_death') }}

),

shown as (

    {% if is_incremental() -%}
        select * from {{ this }}
        where valid_to is null
    {%- else -%}
        select
            null::text as customer_id,
            null::text as death_status
        where false
    {%- endif %}

),

-- a letter that came back says that its addressee is dead, but changes none of their records
customers_with_another_death_status as (

    select coalesce(shown.customer_id, deaths.customer_id) as customer_id
    from deaths
    full join shown on deaths.customer_id = shown.customer_id
    where coalesce(deaths.death_status, 'none') is distinct from shown.death_status

),

changed_customers as (

    select
        customer_id,
        count(distinct source_system)::integer as source_system_count,
        count(*)::integer as record_count
    from members
    where
        {{ in_work_list('customer_id', 'customer') }}
        or customer_id in (
            select customers_with_another_death_status.customer_id
            from customers_with_another_death_status
        )
    group by customer_id

),

tonight as (

    select
        changed_customers.customer_id,
        {{ night() }} as valid_from,
        null::date as valid_to,
        true as is_current,
        {%- for attribute in attributes %}
            max(golden.value) filter (
                where golden.attribute = '{{ attribute }}'
            ) as {{ attribute }},
            max(golden.source_system) filter (
                where golden.attribute = '{{ attribute }}'
            ) as {{ attribute }}_source,
            max(golden.as_of) filter (
                where golden.attribute = '{{ attribute }}'
            ) as {{ attribute }}_as_of,
        {%- endfor %}
        coalesce(min(deaths.death_status), 'none') as death_status,
        min(deaths.death_date) filter (
            where deaths.death_status in ('reported', 'verified')
        ) as death_date,
        changed_customers.source_system_count,
        changed_customers.record_count
    from changed_customers
    left join golden on changed_customers.customer_id = golden.customer_id
    left join deaths on changed_customers.customer_id = deaths.customer_id
    group by
        changed_customers.customer_id,
        changed_customers.source_system_count,
        changed_customers.record_count

),

final as (

    select tonight.*
    from tonight
    left join shown on tonight.customer_id = shown.customer_id
    where
        shown.customer_id is null
        {{ differs('tonight', 'shown', compared) if is_incremental() }}

)

select * from final
