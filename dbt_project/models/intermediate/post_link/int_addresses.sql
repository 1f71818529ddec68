{{ config(indexes=[{'columns': ['address_id'], 'unique': true}]) }}

with

address_texts as (

    select * from {{ ref('int_address_texts') }}
    where address_id is not null

),

-- What somebody lives at, or could: a text that nobody writes any more leaves no home behind.
records as (

    select
        address_text_key,
        address_id,
        uprn,
        known_from
    from {{ ref('int_person_records__standardised') }}
    where unlinkable_reason is null and address_id is not null

),

properties as (

    select
        address_texts.address_text_key,
        address_texts.address_id,
        properties.uprn,
        properties.known_from
    from {{ ref('stg_council_tax__properties') }} as properties
    inner join address_texts
        on
            {{ address_text_key('properties.address_line', 'properties.postcode') }}
            = address_texts.address_text_key

),

texts_in_use as (

    select address_text_key from records

    union

    select address_text_key from properties

),

-- The longest text says most; the rest of the order only makes tonight and tomorrow agree.
texts_by_length as (

    select
        address_id,
        address_line,
        postcode,
        postcode_std,
        address_std,
        row_number() over (
            partition by address_id order by length(address_std) desc, address_std, address_text_key
        ) as choice_no
    from address_texts
    where address_text_key in (select texts_in_use.address_text_key from texts_in_use)

),

uprns_by_use as (

    select
        address_id,
        uprn,
        row_number() over (
            partition by address_id order by sum(weight) desc, uprn
        ) as choice_no
    from (
        -- the list of properties is the authority on the UPRN of a home
        select
            address_id,
            uprn,
            1000 as weight
        from properties
        where uprn is not null
        union all
        select
            address_id,
            uprn,
            1 as weight
        from records
        where uprn is not null
    ) as uprn_uses
    group by address_id, uprn

),

first_seen as (

    select
        address_id,
        min(known_from) as known_from
    from (
        select
            address_id,
            known_from
        from records
        union all
        select
            address_id,
            known_from
        from properties
    ) as uses
    group by address_id

),

addresses as (

    select
        texts_by_length.address_id,
        texts_by_length.address_line,
        texts_by_length.postcode,
        texts_by_length.postcode_std,
        texts_by_length.address_std,
        uprns_by_use.uprn,
        first_seen.known_from
    from texts_by_length
    left join uprns_by_use
        on texts_by_length.address_id = uprns_by_use.address_id and uprns_by_use.choice_no = 1
    left join first_seen on texts_by_length.address_id = first_seen.address_id
    where texts_by_length.choice_no = 1

)

select * from addresses
