with

source as (

    {{ raw_rows('correspondence', 'print_items') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('job_ref') }} as item_ref,
        lower({{ clean_text('department') }}) as department,
        {{ clean_text('account_ref') }} as account_ref,
        {{ clean_text('template') }} as template,
        lower({{ clean_text('class') }}) as item_class,
        addressee_block as full_name,
        {{ address_line(['address']) }} as address_line,
        {{ postcode('postcode') }} as postcode,
        {{ uprn('uprn') }} as uprn,
        {{ known_date('created_on') }} as created_date,
        {{ known_date('handover_date') }} as handover_date,
        {{ known_date('returned_date') }} as returned_date,
        lower({{ clean_text('return_reason') }}) as return_reason,
        coalesce(contains_other_address, false) as contains_other_address,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
