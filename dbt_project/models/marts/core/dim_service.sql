with

catalogue as (

    select * from {{ ref('service_catalogue') }}

),

final as (

    select
        service_code,
        service_name,
        service_area_name,
        source_system,
        is_ended_by_death
    from catalogue

)

select * from final
