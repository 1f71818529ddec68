with

source as (

    {{ raw_rows('housing', 'wlmember') }}

),

renamed as (

    select
        _record_key as record_key,
        {{ clean_text('app_ref') }} as application_ref,
        person_no as member_no,
        {{ title('title') }} as title,
        {{ name_part('forename') }} as forename,
        {{ name_part('surname') }} as surname,
        concat_ws(' ', title, forename, surname) as full_name,
        {{ name_says_deceased(['title', 'forename', 'surname']) }} as name_says_deceased,
        {{ known_date('dob') }} as birth_date,
        {{ nino('ni_no') }} as nino,
        _row_hash as row_hash,
        _valid_from as known_from

    from source

)

select * from renamed
