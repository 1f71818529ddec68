{{ config(materialized='view') }}

with

records as (

    select * from {{ ref('int_person_records__standardised') }}

),

unlinkable as (

    select
        record_key,
        source_system,
        source_table,
        source_row_key,
        unlinkable_reason as reason,
        known_from
    from records
    where unlinkable_reason is not null

)

select * from unlinkable
