with

source as (

    {{ raw_rows('correspondence', 'notify_items') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('id') }} as item_ref,
        lower({{ clean_text('type') }}) as channel,
        lower({{ clean_text('department') }}) as department,
        {{ clean_text('account_ref') }} as account_ref,
        {{ clean_text('template') }} as template,
        lower({{ clean_text('class') }}) as item_class,
        {{ email('email_address') }} as email,
        {{ phone('phone_number') }} as phone,
        recipient_name as full_name,
        {{ address_line(['address']) }} as address_line,
        {{ postcode('postcode') }} as postcode,
        lower({{ clean_text('status') }}) as status_code,
        created_at,
        sent_at,
        completed_at,
        coalesce(contains_other_address, false) as contains_other_address,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
