{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_worked('customer_id', 'customer') }}",
    indexes=[{'columns': ['customer_id', 'attribute'], 'unique': true}]
) }}

with

members as (

    select * from {{ ref('int_customers__members') }}
    where {{ in_work_list('customer_id', 'customer') }}

),

records as (

    select * from {{ ref('int_person_records__link_input') }}

),

title_sexes as (

    select * from {{ ref('title_sexes') }}

),

priorities as (

    select * from {{ ref('survivorship_priority') }}

),

member_records as materialized (

    select
        members.customer_id,
        records.*,
        coalesce(records.sex, title_sexes.sex) as sex_or_title_sex,
        {{ name_std('records.forename') }} as forename_std,
        {{ name_std('records.surname') }} as surname_std
    from members
    inner join records on members.record_key = records.record_key
    left join title_sexes on upper(records.title) = title_sexes.title_std

),

-- What is chosen together stands together: one record gives the whole name, one the whole address.
candidates as (

    select
        member_records.customer_id,
        member_records.record_key,
        member_records.source_system,
        member_records.known_from,
        facts.attribute_group,
        facts.compared_value,
        facts.quality_no
    from member_records
    cross join
        lateral (
            values
            (
                'name', concat(member_records.surname_std, '|', member_records.forename_std),
                -- a whole forename before an initial, an initial before none
                case
                    when length(member_records.forename_std) > 1 then 1
                    when member_records.forename_std is not null then 2
                    else 3
                end
            ),
            ('title', upper(member_records.title), 1),
            (
                'middle_names',
                upper(member_records.middle_names),
                case when length(member_records.middle_names) > 1 then 1 else 2 end
            ),
            ('suffix', upper(member_records.suffix), 1),
            ('birth_date', member_records.birth_date::text, 1),
            (
                'sex',
                member_records.sex_or_title_sex,
                case when member_records.sex is not null then 1 else 2 end
            ),
            -- where somebody lives is said by a record that is still in use
            (
                'address',
                coalesce(member_records.address_id, member_records.address_line),
                case when member_records.is_live_record then 1 else 2 end
            ),
            ('phone', member_records.phone, 1),
            ('email', member_records.email, 1)
        ) as facts (attribute_group, compared_value, quality_no)
    where facts.compared_value is not null and facts.compared_value <> '|'

),

agreements as (

    select
        customer_id,
        attribute_group,
        compared_value,
        count(distinct source_system) as agreeing_systems
    from candidates
    group by customer_id, attribute_group, compared_value

),

ranked as (

    select
        candidates.customer_id,
        candidates.attribute_group,
        candidates.record_key,
        row_number() over (
            partition by candidates.customer_id, candidates.attribute_group
            order by
                candidates.quality_no,
                agreements.agreeing_systems desc,
                priorities.priority nulls last,
                candidates.known_from desc,
                candidates.record_key
        ) as choice_no
    from candidates
    inner join agreements
        on
            candidates.customer_id = agreements.customer_id
            and candidates.attribute_group = agreements.attribute_group
            and candidates.compared_value = agreements.compared_value
    left join priorities
        on
            case
                when candidates.attribute_group in ('title', 'middle_names', 'suffix') then 'name'
                else candidates.attribute_group
            end = priorities.attribute
            and candidates.source_system = priorities.source_system

),

chosen as (

    select
        ranked.customer_id,
        ranked.attribute_group,
        member_records.record_key,
        member_records.source_system,
        member_records.known_from,
        member_records.title,
        member_records.forename,
        member_records.middle_names,
        member_records.surname,
        member_records.suffix,
        member_records.birth_date,
        member_records.sex_or_title_sex,
        member_records.address_line,
        member_records.postcode,
        member_records.uprn,
        member_records.address_id,
        member_records.phone,
        member_records.email
    from ranked
    inner join member_records
        on ranked.customer_id = member_records.customer_id and ranked.record_key = member_records.record_key
    where ranked.choice_no = 1

),

golden as (

    select
        chosen.customer_id,
        attributes.attribute,
        attributes.value,
        chosen.source_system,
        chosen.record_key,
        {{ london_date('chosen.known_from') }} as as_of
    from chosen
    cross join
        lateral (
            values
            ('name', 'forename', chosen.forename),
            ('name', 'surname', chosen.surname),
            ('title', 'title', chosen.title),
            ('middle_names', 'middle_names', chosen.middle_names),
            ('suffix', 'suffix', chosen.suffix),
            ('birth_date', 'birth_date', to_char(chosen.birth_date, 'YYYY-MM-DD')),
            ('sex', 'sex', chosen.sex_or_title_sex),
            ('address', 'address_line', chosen.address_line),
            ('address', 'postcode', chosen.postcode),
            ('address', 'uprn', chosen.uprn),
            ('address', 'address_id', chosen.address_id),
            ('phone', 'phone', chosen.phone),
            ('email', 'email', chosen.email)
        ) as attributes (attribute_group, attribute, value)
    where
        chosen.attribute_group = attributes.attribute_group
        and attributes.value is not null

)

select * from golden
