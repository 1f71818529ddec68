{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook=["{{ list_changed_person_records() }}", "{{ delete_worked('record_key', 'record') }}"],
    post_hook="{{ list_all_person_records() }}",
    indexes=[{'columns': ['record_key'], 'unique': true}]
) }}

-- the hook compares with all records: depends on {{ ref('int_person_records__all') }}
with

records as (

    -- asked of each system apart, so that only listed records are tidied
    {% for system in var('person_sources') %}
        select
            '{{ system }}' as source_system,
            {{ person_record_columns() | join(',\n            ') }}
        from {{ ref('int_' ~ system ~ '__person_records') }}
        where {{ in_work_list('record_key', 'record') }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}

),

address_texts as (

    select * from {{ ref('int_address_texts') }}

),

placeholder_names as (

    select * from {{ ref('placeholder_names') }}

),

standardised as (

    select
        records.record_key,
        records.source_system,
        records.source_table,
        records.source_row_key,
        records.title,
        records.forename,
        records.middle_names,
        records.surname,
        records.suffix,
        records.birth_date,
        records.sex,
        records.address_line,
        address_texts.address_std,
        address_texts.address_text_key,
        address_texts.address_id,
        address_texts.postcode,
        address_texts.postcode_std,
        records.uprn,
        records.nino,
        records.nhs_number,
        records.upn,
        records.person_number,
        records.email,
        records.phone,
        records.account_key,
        records.account_ref,
        records.other_account_refs,
        records.party_no,
        records.party_role,
        records.account_from_date,
        records.account_to_date,
        records.name_kind,
        records.name_says_deceased,
        records.is_safe_flagged,
        records.is_live_record,
        records.known_from,
        records.input_hash,
        case
            when records.name_kind in ('organisation', 'placeholder') then records.name_kind
            when placeholder_names.reason is not null then placeholder_names.reason
            when records.surname is null and records.name_kind = 'unparsed' then 'unparsed'
            when records.surname is null then 'no_surname'
        end as unlinkable_reason
    from records
    left join address_texts
        on
            {{ address_text_key('records.address_line', 'records.postcode') }}
            = address_texts.address_text_key
    left join placeholder_names on {{ name_std('records.surname') }} = placeholder_names.name_std

)

select * from standardised
