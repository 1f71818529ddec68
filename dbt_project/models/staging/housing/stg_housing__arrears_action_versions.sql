with

source as (

    {{ raw_versions('housing', 'araction') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('tag_ref') }} as tenancy_ref,
        action_no,
        {{ code('action_code') }} as action_code,
        {{ known_date('action_date') }} as action_date,
        action_balance::numeric(12, 2) as balance_gbp,
        _row_hash as row_hash,
        _valid_from as known_from,
        version_valid_to as known_to,
        version_counts as is_current

    from source

)

select * from renamed
