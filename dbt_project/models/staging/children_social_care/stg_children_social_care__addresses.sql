with

source as (

    {{ raw_rows('children_social_care', 'ssd_address') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('addr_table_id') }} as address_ref,
        {{ clean_text('addr_person_id') }} as person_ref,
        nullif(
            concat_ws(
                ', ',
                {{ json_value('addr_address_json', ['flat', 'sao']) }},
                {{ json_value('addr_address_json', ['address(?:_?(?:line)?_?1)?', 'line_?1', 'street']) }},
                {{ json_value('addr_address_json', ['address_?(?:line)?_?2', 'line_?2', 'locality']) }},
                {{ json_value('addr_address_json', ['address_?(?:line)?_?3', 'line_?3', 'town']) }}
            ),
            ''
        ) as address_line,
        {{ code(json_value('addr_address_json', ['post_?code'])) }} as postcode,
        {{ uprn(json_value('addr_address_json', ['uprn'])) }} as uprn,
        {{ known_date('addr_address_start_date') }} as start_date,
        {{ known_date('addr_address_end_date') }} as end_date,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
