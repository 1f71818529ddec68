{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    indexes=[{'columns': ['address_text_key'], 'unique': true}]
) }}

{%- set address_models = [
    'stg_council_tax__accounts', 'stg_council_tax__properties', 'stg_housing_benefit__households',
    'stg_housing__properties', 'stg_housing__applications', 'stg_adult_social_care__addresses',
    'stg_children_social_care__addresses', 'stg_education__pupils', 'stg_education__contacts',
    'stg_hr_payroll__posts', 'stg_grants__applications', 'stg_permits__permits', 'stg_deaths__registrations',
    'stg_deaths__notifications', 'stg_correspondence__print_items', 'stg_correspondence__notify_items'
] %}

with

written_addresses as (

    {% for model in address_models %}
        select
            address_line,
            postcode,
            known_from
        from {{ ref(model) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

    union all

    select
        null::text as address_line,
        postcode,
        known_from
    from {{ ref('stg_contacts__contacts') }}

),

words as (

    select * from {{ ref('address_words') }}

),

-- An address is standardised when it is first seen; the same text stays the same for ever.
new_texts as materialized (

    select
        address_line,
        postcode,
        {{ address_text_key('address_line', 'postcode') }} as address_text_key
    from written_addresses
    where
        (address_line is not null or postcode is not null)
        {% if is_incremental() -%}
            and known_from > coalesce({{ previous_cutoff() }}, '-infinity')
        {%- endif %}
    group by address_line, postcode

),

unseen_texts as materialized (

    select
        address_line,
        address_text_key,
        -- a postcode at the end of the line stands in for one that is missing
        regexp_replace(
            upper(coalesce(
                postcode,
                substring(upper(address_line) from '\m([A-Z]{1,2}[0-9O][0-9A-Z]? *[0-9OI][A-Z]{2})\s*$')
            )),
            '[^A-Z0-9]', '', 'g'
        ) as postcode_typed,
        regexp_replace(
            upper(address_line), '[ ,]*\m[A-Z]{1,2}[0-9O][0-9A-Z]? *[0-9OI][0-9A-Z]{2}\s*$', ''
        ) as line_without_postcode
    from new_texts
    {% if is_incremental() -%}
        where not exists (
            select 1 from {{ this }} as seen
            where seen.address_text_key = new_texts.address_text_key
        )
    {%- endif %}

),

-- O for 0 and I for 1, and the other way round, by what can stand in each place of a postcode
mended_postcodes as materialized (

    select
        address_text_key,
        address_line,
        line_without_postcode,
        concat(
            translate(left(postcode_typed, 1), '01', 'OI'),
            case
                when length(postcode_typed) = 5 then translate(substr(postcode_typed, 2, 1), 'OI', '01')
                else substr(postcode_typed, 2, 1)
            end,
            translate(substr(postcode_typed, 3, greatest(length(postcode_typed) - 5, 0)), 'OI', '01'),
            translate(left(right(postcode_typed, 3), 1), 'OI', '01'),
            translate(right(postcode_typed, 2), '01', 'OI')
        ) as postcode_mended
    from unseen_texts

),

checked_postcodes as materialized (

    select
        address_text_key,
        address_line,
        line_without_postcode,
        substring(postcode_mended from '^[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}$') as postcode_std
    from mended_postcodes

),

address_words as (

    select
        checked_postcodes.address_text_key,
        typed_words.word_no,
        coalesce(words.standard, case when words.word is null then typed_words.word end) as word,
        lag(coalesce(words.standard, typed_words.word)) over (
            partition by checked_postcodes.address_text_key order by typed_words.word_no
        ) as word_before
    from checked_postcodes
    cross join
        lateral regexp_split_to_table(
            trim(
                regexp_replace(
                    replace(checked_postcodes.line_without_postcode, '''', ''), '[^[:alnum:]]+', ' ', 'g'
                )
            ),
            ' '
        ) with ordinality as typed_words (word, word_no)
    left join words on typed_words.word = words.word
    where typed_words.word <> ''

),

joined_words as (

    select
        address_text_key,
        string_agg(word, ' ' order by word_no) as address_std,
        -- numbers of house and flat, whichever comes first: with the postcode they name a home
        string_agg(word, ' ' order by word, word_no) filter (
            where word ~ '[0-9]' or (length(word) = 1 and word_before in ('FLAT', 'UNIT', 'ROOM'))
        ) as premises
    from address_words
    group by address_text_key

),

standardised as (

    select
        checked_postcodes.address_text_key,
        checked_postcodes.address_line,
        overlay(
            checked_postcodes.postcode_std placing ' ' from length(checked_postcodes.postcode_std) - 2 for 0
        ) as postcode,
        joined_words.address_std,
        checked_postcodes.postcode_std,
        case
            when joined_words.address_std is not null
                then encode(
                    substring(
                        sha256(
                            convert_to(
                                concat(
                                    checked_postcodes.postcode_std, '|',
                                    case
                                        when
                                            checked_postcodes.postcode_std is null
                                            then joined_words.address_std
                                        else coalesce(joined_words.premises, joined_words.address_std)
                                    end
                                ),
                                'UTF8'
                            )
                        ) from 1 for 16
                    ),
                    'hex'
                )
        end as address_id
    from checked_postcodes
    left join joined_words on checked_postcodes.address_text_key = joined_words.address_text_key

)

select * from standardised
