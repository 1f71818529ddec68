with

source as (

    {{ raw_rows('housing', 'member') }}

),

renamed as (

    select
        _record_key as record_key,
        {{ clean_text('house_ref') }} as house_ref,
        person_no as member_no,
        {{ title('title') }} as title,
        {{ name_part('forename') }} as forename,
        {{ name_part('surname') }} as surname,
        concat_ws(' ', title, forename, surname) as full_name,
        {{ name_says_deceased(['title', 'forename', 'surname']) }} as name_says_deceased,
        {{ known_date('dob') }} as birth_date,
        {{ sex_code('gender') }} as sex,
        {{ nino('ni_no') }} as nino,
        {{ is_yes('responsible') }} as is_responsible,
        {{ is_yes('at_risk') }} as is_safe_flagged,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
