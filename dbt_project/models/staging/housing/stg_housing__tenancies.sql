with

source as (

    {{ raw_rows('housing', 'tenagree') }}

),

renamed as (

    select
        _record_key as source_row_key,
        {{ clean_text('tag_ref') }} as tenancy_ref,
        {{ clean_text('prop_ref') }} as property_ref,
        {{ clean_text('house_ref') }} as house_ref,
        {{ known_date('cot') }} as start_date,
        {{ known_date('eot') }} as end_date,
        {{ code('tenure') }} as tenure_code,
        cur_bal::numeric(12, 2) as balance_gbp,
        rent::numeric(12, 2) as weekly_rent_gbp,
        {{ clean_text('u_saff_rentacc') }} as payment_ref,
        {{ is_yes('terminated') }} as is_terminated,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
