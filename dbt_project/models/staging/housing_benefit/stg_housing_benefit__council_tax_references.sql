with

source as (

    {{ raw_rows('housing_benefit', 'hbctaxclaim') }}

),

renamed as (

    select
        _record_key as source_row_key,
        claim_id::text as claim_id,
        {{ clean_text('ctax_ref') }} as council_tax_printed_ref,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
