with

source as (

    {{ raw_rows('housing', 'wlapp') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('app_ref') }} as application_ref,
        {{ known_date('app_date') }} as application_date,
        {{ code('app_band') }} as band_code,
        {{ code('wl_status') }} as status_code,
        {{ address_line(['corr_addr']) }} as address_line,
        {{ postcode('corr_postcode') }} as postcode,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
