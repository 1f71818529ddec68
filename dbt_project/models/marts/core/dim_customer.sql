with

history as (

    select * from {{ ref('int_customers__history') }}

),

flagged as (

    select customer_id from {{ ref('int_customers__safe_flag') }}

),

protected as (

    select * from {{ ref('int_contact_details__protected') }}

),

judged as (

    select
        history.*,
        case
            when flagged.customer_id is not null or protected_addresses.value is not null
                then 'address_withheld'
            when history.address_id is null then 'unknown'
            else 'known'
        end as address_status,
        flagged.customer_id is null and protected_phones.value is null as shows_phone,
        flagged.customer_id is null and protected_emails.value is null as shows_email
    from history
    left join flagged on history.customer_id = flagged.customer_id
    left join protected as protected_addresses
        on
            protected_addresses.attribute = 'address_id'
            and history.address_id = protected_addresses.value
    left join protected as protected_phones
        on
            protected_phones.attribute = 'phone'
            and history.phone = protected_phones.value
    left join protected as protected_emails
        on
            protected_emails.attribute = 'email'
            and history.email = protected_emails.value

),

final as (

    select
        customer_id,
        valid_from,
        valid_to,
        is_current,
        {%- for attribute in ['title', 'forename', 'middle_names', 'surname', 'suffix'] %}
            {{ attribute }},
            {{ attribute }}_source,
            {{ attribute }}_as_of,
        {%- endfor %}
        birth_date::date as birth_date,
        birth_date_source,
        birth_date_as_of,
        sex,
        sex_source,
        sex_as_of,
        case when address_status = 'known' then address_id else address_status end
            as address_id,
        case
            when address_status = 'known' then coalesce(address_line, postcode, 'unknown')
            else address_status
        end as address_line,
        {%- for attribute in ['postcode', 'uprn'] %}
            case when address_status = 'known' then {{ attribute }} end as {{ attribute }},
        {%- endfor %}
        case when address_status = 'known' then address_id_source end as address_source,
        case when address_status = 'known' then address_id_as_of end as address_as_of,
        address_status,
        {%- for attribute in ['phone', 'email'] %}
            {%- for suffix in ['', '_source', '_as_of'] %}
                case when shows_{{ attribute }} then {{ attribute }}{{ suffix }} end
                    as {{ attribute }}{{ suffix }},
            {%- endfor %}
        {%- endfor %}
        death_status,
        death_date,
        source_system_count,
        record_count
    from judged

)

select * from final
