{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='fail',
        pre_hook='{{ rewind_customer_history() }}',
        post_hook='{{ close_customer_history() }}'
    )
}}

{%- set attributes = [
    'title', 'forename', 'middle_names', 'surname', 'suffix', 'birth_date', 'sex',
    'address_id', 'address_line', 'postcode', 'uprn', 'phone', 'email'
] -%}
{#- What starts a new period when it changes: all but the dates on which a system last said so. -#}
{%- set compared = [
    'title', 'title_source', 'forename', 'forename_source', 'middle_names',
    'middle_names_source', 'surname', 'surname_source', 'suffix', 'suffix_source',
    'birth_date', 'birth_date_source', 'sex', 'sex_source', 'address_id', 'address_line',
    'postcode', 'uprn', 'address_source', 'address_status', 'phone', 'phone_source', 'email',
    'email_source', 'death_status', 'death_date', 'source_system_count', 'record_count'
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

flagged as (

    select customer_id from {{ ref('int_customers__safe_flag') }}

),

protected as (

    select * from {{ ref('int_contact_details__protected') }}

),

changed_customers as (

    select
        customer_id,
        count(distinct source_system)::integer as source_system_count,
        count(*)::integer as record_count
    from members
    where
        {{ in_work_list('customer_id', 'customer') }}
        {%- if is_incremental() %}
        -- a letter that came back says that its addressee is dead, but changes none of their records
        or customer_id in (
            select coalesce(shown.customer_id, deaths.customer_id)
            from deaths
            full join (
                select shown_customers.* from {{ this }} as shown_customers
                where shown_customers.valid_to is null
            ) as shown on deaths.customer_id = shown.customer_id
            where coalesce(deaths.death_status, 'none') is distinct from shown.death_status
        )
        -- what was withheld for a housemate's sake may be shown again when the flag is lifted
        or customer_id in (
            select shown.customer_id from {{ this }} as shown
            where shown.valid_to is null and shown.address_status = 'address_withheld'
        )
        {%- endif %}
    group by customer_id

),

widened as (

    select
        changed_customers.customer_id,
        {%- for attribute in attributes %}
        max(golden.value) filter (
            where golden.attribute = '{{ attribute }}'
        ) as {{ attribute }},
        max(golden.source_system) filter (
            where golden.attribute = '{{ attribute }}'
        ) as {{ attribute }}_source,
        {{ london_date('max(golden.as_of) filter (where golden.attribute = \'' ~ attribute ~ '\')') }}
            as {{ attribute }}_as_of,
        {%- endfor %}
        changed_customers.source_system_count,
        changed_customers.record_count
    from changed_customers
    left join golden on changed_customers.customer_id = golden.customer_id
    group by
        changed_customers.customer_id,
        changed_customers.source_system_count,
        changed_customers.record_count

),

judged as (

    select
        widened.*,
        case
            when flagged.customer_id is not null or protected_addresses.value is not null
                then 'address_withheld'
            when widened.address_id is null then 'unknown'
            else 'known'
        end as address_status,
        flagged.customer_id is null and protected_phones.value is null as shows_phone,
        flagged.customer_id is null and protected_emails.value is null as shows_email
    from widened
    left join flagged on widened.customer_id = flagged.customer_id
    left join protected as protected_addresses
        on
            protected_addresses.attribute = 'address_id'
            and widened.address_id = protected_addresses.value
    left join protected as protected_phones
        on
            protected_phones.attribute = 'phone'
            and widened.phone = protected_phones.value
    left join protected as protected_emails
        on
            protected_emails.attribute = 'email'
            and widened.email = protected_emails.value

),

tonight as (

    select
        judged.customer_id,
        {{ night() }} as valid_from,
        null::date as valid_to,
        true as is_current,
        {%- for attribute in ['title', 'forename', 'middle_names', 'surname', 'suffix'] %}
        judged.{{ attribute }},
        judged.{{ attribute }}_source,
        judged.{{ attribute }}_as_of,
        {%- endfor %}
        judged.birth_date::date as birth_date,
        judged.birth_date_source,
        judged.birth_date_as_of,
        judged.sex,
        judged.sex_source,
        judged.sex_as_of,
        case
            when judged.address_status = 'known' then judged.address_id
            else judged.address_status
        end as address_id,
        case
            when judged.address_status = 'known'
                then coalesce(judged.address_line, judged.postcode, 'unknown')
            else judged.address_status
        end as address_line,
        {%- for attribute in ['postcode', 'uprn'] %}
        case
            when judged.address_status = 'known' then judged.{{ attribute }}
        end as {{ attribute }},
        {%- endfor %}
        case
            when judged.address_status = 'known' then judged.address_id_source
        end as address_source,
        case
            when judged.address_status = 'known' then judged.address_id_as_of
        end as address_as_of,
        judged.address_status,
        {%- for attribute in ['phone', 'email'] %}
        {%- for suffix in ['', '_source', '_as_of'] %}
        case
            when judged.shows_{{ attribute }} then judged.{{ attribute }}{{ suffix }}
        end as {{ attribute }}{{ suffix }},
        {%- endfor %}
        {%- endfor %}
        coalesce(deaths.death_status, 'none') as death_status,
        case
            when deaths.death_status in ('reported', 'verified') then deaths.death_date
        end as death_date,
        judged.source_system_count,
        judged.record_count
    from judged
    left join deaths on judged.customer_id = deaths.customer_id

),

final as (

    select tonight.*
    from tonight
    {%- if is_incremental() %}
    left join {{ this }} as shown
        on tonight.customer_id = shown.customer_id and shown.valid_to is null
    where
        shown.customer_id is null
        {%- for column in compared %}
        or tonight.{{ column }} is distinct from shown.{{ column }}
        {%- endfor %}
    {%- endif %}

)

select * from final
