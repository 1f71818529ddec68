with

manifest_tables (
    source_system, table_name, owner, lawful_basis, key_means_person, is_required
) as (

    {{ manifest_tables() }}

),

loads as (

    select * from {{ source('audit', 'load') }}
    where night <= {{ night() }}

),

tables as (

    select
        manifest_tables.source_system,
        manifest_tables.table_name,
        manifest_tables.owner,
        manifest_tables.lawful_basis,
        manifest_tables.is_required,
        max(loads.night) filter (where loads.status = 'loaded') as last_loaded_night
    from manifest_tables
    left join loads
        on
            manifest_tables.source_system = loads.system
            and manifest_tables.table_name = loads.table_name
    group by
        manifest_tables.source_system,
        manifest_tables.table_name,
        manifest_tables.owner,
        manifest_tables.lawful_basis,
        manifest_tables.is_required

),

final as (

    select
        source_system,
        min(owner) as owner,
        min(lawful_basis) as lawful_basis,
        bool_or(is_required) as is_required,
        bool_or(last_loaded_night is distinct from {{ night() }}) as is_stale,
        -- a table that never came means that the system as a whole never did
        case
            when count(*) = count(last_loaded_night) then min(last_loaded_night)
        end as last_loaded_night,
        count(*)::integer as table_count,
        (count(*) filter (
            where last_loaded_night is distinct from {{ night() }}
        ))::integer as stale_table_count
    from tables
    group by source_system

)

select * from final
