with

manifest_tables (
    source_system, table_name, owner, lawful_basis, key_means_person, is_required
) as (

    {{ manifest_tables() }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

-- only where the system itself promises one row per person
members_of_unique_tables as (

    select members.*
    from members
    inner join manifest_tables
        on
            members.source_system = manifest_tables.source_system
            and members.source_table = manifest_tables.table_name
    where
        manifest_tables.key_means_person = 'unique'
        -- two notices of one death are two events, not two files on one person
        and members.source_system <> 'deaths'

),

findings as (

    select
        array[first_record.record_key, second_record.record_key] as finding_subject_keys,
        'duplicate_in_system'::text as rule_code,
        first_record.customer_id,
        null::text as other_customer_id,
        array[first_record.record_key, second_record.record_key] as evidence_keys,
        first_record.source_system as system,
        false as is_doubtful,
        jsonb_build_object('source_table', first_record.source_table) as facts
    from members_of_unique_tables as first_record
    inner join members_of_unique_tables as second_record
        on
            first_record.customer_id = second_record.customer_id
            and first_record.source_system = second_record.source_system
            and first_record.source_table = second_record.source_table
            and first_record.record_key < second_record.record_key

)

{{ select_findings('findings') }}
