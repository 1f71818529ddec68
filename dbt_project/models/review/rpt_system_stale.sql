with

systems as (

    select * from {{ ref('dim_source_system') }}
    where is_stale

),

loads as (

    select * from {{ source('audit', 'load') }}
    where night = {{ night() }}

),

statuses as (

    select
        system,
        jsonb_object_agg(status, table_count) as table_counts
    from (
        select
            system,
            status,
            count(*) as table_count
        from loads
        group by system, status
    ) as counted
    group by system

),

findings as (

    select
        array[systems.source_system] as finding_subject_keys,
        'system_stale'::text as rule_code,
        null::text as customer_id,
        null::text as other_customer_id,
        array[]::text[] as evidence_keys,
        systems.source_system as system,
        false as is_doubtful,
        jsonb_build_object(
            'last_loaded_night', systems.last_loaded_night,
            'tables', systems.table_count,
            'stale_tables', systems.stale_table_count,
            'is_required', systems.is_required,
            'tables_by_status', coalesce(statuses.table_counts, '{}'::jsonb)
        ) as facts
    from systems
    left join statuses on systems.source_system = statuses.system

)

{{ select_findings('findings') }}
