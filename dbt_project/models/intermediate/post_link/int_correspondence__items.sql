{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_worked('item_key', 'record') }}",
    indexes=[{'columns': ['item_key'], 'unique': true}]
) }}

with

print_items as (

    select * from {{ ref('stg_correspondence__print_items') }}
    where {{ in_work_list('source_row_key', 'record') }}

),

notify_items as (

    select * from {{ ref('stg_correspondence__notify_items') }}
    where {{ in_work_list('source_row_key', 'record') }}

),

address_texts as (

    select * from {{ ref('int_address_texts') }}

),

items as (

    select
        source_row_key as item_key,
        'print_items' as source_table,
        item_ref,
        department,
        account_ref,
        item_class,
        template,
        'letter' as channel,
        full_name,
        {{ london_midnight('coalesce(handover_date, created_date)') }} as item_at,
        coalesce(handover_date, created_date) as item_date,
        created_date,
        address_line,
        postcode,
        uprn,
        null::text as email,
        null::text as phone,
        case when returned_date is not null then 'returned' else 'handed_over' end as status_code,
        returned_date,
        return_reason,
        contains_other_address,
        known_from
    from print_items

    union all

    select
        source_row_key as item_key,
        'notify_items' as source_table,
        item_ref,
        department,
        account_ref,
        item_class,
        template,
        channel,
        full_name,
        coalesce(sent_at, created_at) as item_at,
        {{ london_date('coalesce(sent_at, created_at)') }} as item_date,
        {{ london_date('created_at') }} as created_date,
        address_line,
        postcode,
        null as uprn,
        email,
        phone,
        status_code,
        null as returned_date,
        null as return_reason,
        contains_other_address,
        known_from
    from notify_items

),

items_with_address as (

    select
        items.item_key,
        items.source_table,
        items.item_ref,
        items.department,
        items.account_ref,
        items.item_class,
        items.template,
        items.channel,
        items.full_name,
        items.item_at,
        items.item_date,
        items.created_date,
        items.address_line,
        address_texts.address_std,
        address_texts.postcode,
        address_texts.postcode_std,
        items.uprn,
        address_texts.address_id,
        items.email,
        items.phone,
        items.status_code,
        items.returned_date,
        items.return_reason,
        items.contains_other_address,
        items.known_from
    from items
    left join address_texts
        on {{ address_text_key('items.address_line', 'items.postcode') }} = address_texts.address_text_key

)

select * from items_with_address
