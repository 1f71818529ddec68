{{ config(indexes=[{'columns': ['customer_id']}, {'columns': ['surname_std']}]) }}

with

members as (

    select * from {{ ref('int_customers__members') }}

),

records as (

    select * from {{ ref('int_person_records__link_input') }}

),

sexes as (

    select
        customer_id,
        value as sex
    from {{ ref('int_customers__golden') }}
    where attribute = 'sex'

),

written_names as (

    select
        members.customer_id,
        {{ name_std('records.surname') }} as surname_std,
        {{ name_std('records.forename') }} as forename_std,
        {{ name_std('records.middle_names') }} as middle_std,
        upper(records.suffix) as suffix_std,
        -- any one of the records with this spelling, the same one every night
        min(members.record_key) as record_key
    from members
    inner join records on members.record_key = records.record_key
    group by 1, 2, 3, 4, 5

),

names as (

    select
        written_names.customer_id,
        written_names.surname_std,
        written_names.forename_std,
        written_names.middle_std,
        written_names.suffix_std,
        written_names.record_key,
        sexes.sex
    from written_names
    left join sexes on written_names.customer_id = sexes.customer_id
    where written_names.surname_std is not null

)

select * from names
