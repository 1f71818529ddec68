{{ config(indexes=[{'columns': ['group_key']}]) }}

with

best_on_account as (

    select * from {{ ref('int_correspondence__on_account') }}

),

letters_to_place as (

    select * from {{ ref('int_correspondence__to_place') }}

),

at_address as (

    select * from {{ ref('int_correspondence__at_address') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

customer_names as (

    select * from {{ ref('int_customers__names') }}

),

records as (

    select * from {{ ref('int_person_records__link_input') }}

),

evidence as (

    select * from {{ ref('int_death_evidence__recorded') }}

),

known_dead as (

    select
        customer_id,
        min(known_at) as known_at
    from evidence
    where not is_reversed and customer_id is not null
    group by customer_id

),

account_customers as (

    select * from {{ ref('int_account_customers__ever') }}

),

customer_contacts as (

    select distinct
        members.customer_id,
        contact_values.contact_value
    from members
    inner join records on members.record_key = records.record_key
    cross join lateral (values (records.email), (records.phone)) as contact_values (contact_value)
    where contact_values.contact_value is not null

),

-- The account decides, but for one case: where the letter has no whole forename, the account's person may
-- have taken it over from a dead one of like name, and then the letter may mean the dead one as well.
weak_on_account as (

    select
        group_key,
        max(best_score) as best_score
    from best_on_account
    group by group_key
    having max(best_score) < {{ whole_forename_score() }}

),

dead_beside_account as (

    select
        at_address.group_key,
        at_address.customer_id,
        at_address.record_key
    from at_address
    inner join known_dead on at_address.customer_id = known_dead.customer_id
    inner join weak_on_account
        on
            at_address.group_key = weak_on_account.group_key
            and at_address.score >= weak_on_account.best_score

),

by_account as (

    select
        group_key,
        customer_id,
        record_key,
        'account' as match_basis
    from best_on_account
    where score = best_score

    union all

    select
        dead_beside_account.group_key,
        dead_beside_account.customer_id,
        dead_beside_account.record_key,
        'address' as match_basis
    from dead_beside_account
    left join best_on_account
        on
            dead_beside_account.group_key = best_on_account.group_key
            and dead_beside_account.customer_id = best_on_account.customer_id
            and best_on_account.score = best_on_account.best_score
    where best_on_account.group_key is null

),

by_address as (

    select
        group_key,
        customer_id,
        record_key,
        'address' as match_basis
    from (
        select
            *,
            max(score) over (partition by group_key) as best_score
        from at_address
        where
            group_key not in (select best_on_account.group_key from best_on_account)
            -- "Mrs Smith" on an account without any such: not whoever was called so at that address
            and (score >= {{ forename_score() }} or not is_account_known)
    ) as best_at_address
    where score = best_score

),

-- 3. Whose e-mail address or telephone number it went to
letter_contacts as (

    select
        letters_to_place.*,
        contact_values.contact_value
    from letters_to_place
    cross join
        lateral (
            values (letters_to_place.email), (letters_to_place.phone)
        ) as contact_values (contact_value)
    where
        contact_values.contact_value is not null
        and letters_to_place.group_key not in (select best_on_account.group_key from best_on_account)
        and letters_to_place.group_key not in (select at_address.group_key from at_address)

),

by_contact as (

    select
        group_key,
        customer_id,
        record_key,
        'contact' as match_basis
    from (
        select
            letter_contacts.group_key,
            customer_names.customer_id,
            min(customer_names.record_key) as record_key,
            max({{ name_score('letter_contacts', 'customer_names') }}) as score,
            max(max({{ name_score('letter_contacts', 'customer_names') }}))
                over (partition by letter_contacts.group_key) as best_score
        from letter_contacts
        inner join customer_contacts on letter_contacts.contact_value = customer_contacts.contact_value
        inner join customer_names
            on
                customer_contacts.customer_id = customer_names.customer_id
                and letter_contacts.surname_std = customer_names.surname_std
        group by letter_contacts.group_key, customer_names.customer_id
    ) as best_by_contact
    where score = best_score

),

matched_so_far as materialized (

    select * from by_account

    union all

    select * from by_address

    union all

    select * from by_contact

),

-- 4. Whose whole name the department holds on one account only
by_name as (

    select
        group_key,
        customer_id,
        record_key,
        'name' as match_basis
    from (
        select
            letters_to_place.group_key,
            customer_names.customer_id,
            min(account_customers.record_key) as record_key,
            count(*) over (partition by letters_to_place.group_key) as namesakes
        from letters_to_place
        inner join customer_names
            on
                letters_to_place.surname_std = customer_names.surname_std
                and letters_to_place.forename_std = customer_names.forename_std
        inner join account_customers
            on
                customer_names.customer_id = account_customers.customer_id
                and letters_to_place.department = account_customers.system
        where
            length(letters_to_place.forename_std) > 1
            and {{ name_score('letters_to_place', 'customer_names') }} is not null
            and letters_to_place.group_key not in (select matched_so_far.group_key from matched_so_far)
        group by letters_to_place.group_key, customer_names.customer_id
    ) as same_names
    -- more would be guessing
    where namesakes <= 3

),

matched as (

    select * from matched_so_far

    union all

    select * from by_name

),

counted as (

    select
        group_key,
        customer_id,
        record_key,
        match_basis,
        (count(*) over (partition by group_key))::integer as candidates
    from matched

)

select * from counted
