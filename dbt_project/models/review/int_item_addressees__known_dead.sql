{{ config(schema='intermediate') }}

with

items as (

    select * from {{ ref('int_correspondence__items') }}

),

addressees as (

    select * from {{ ref('int_correspondence__addressees') }}
    -- to the dead as if living: not to executors, the estate or "the late ..."
    where name_kind in ('person', 'joint') and not name_says_deceased

),

candidates as (

    select * from {{ ref('int_correspondence__addressee_customers') }}
    where customer_id is not null

),

deaths as (

    select * from {{ ref('dim_death') }}
    where letters_from_date is not null

),

parameters as (

    select * from {{ ref('rule_parameters') }}
    where parameter = 'grace_days'

),

-- first the items that may be to somebody dead: few of all that were sent
items_to_customers_known_dead as (

    select distinct candidates.item_key
    from candidates
    inner join deaths on candidates.customer_id = deaths.customer_id
    inner join items on candidates.item_key = items.item_key
    where items.item_date >= deaths.letters_from_date

),

-- every person that their living addressees may mean, and whether that person was known to be dead
judged as (

    select
        items.item_key,
        items.item_date,
        items.department,
        items.channel,
        items.item_class,
        addressees.name_kind,
        addressees.person_no,
        candidates.customer_id,
        candidates.match_basis,
        candidates.is_doubtful,
        deaths.known_date,
        deaths.known_basis,
        coalesce(
            items.item_date >= deaths.letters_from_date + parameters.value, false
        ) as is_known_dead
    from items_to_customers_known_dead
    inner join items on items_to_customers_known_dead.item_key = items.item_key
    inner join addressees on items.item_key = addressees.item_key
    inner join candidates
        on
            addressees.item_key = candidates.item_key
            and addressees.person_no = candidates.person_no
    left join deaths on candidates.customer_id = deaths.customer_id
    left join parameters
        on
            case
                when addressees.name_kind = 'joint' then 'joint_letter_after_one_death'
                else 'letter_after_known_death'
            end = parameters.rule_code
            and items.item_date >= parameters.effective_from
            and (
                parameters.effective_to is null
                or items.item_date < parameters.effective_to
            )

),

items_to_the_dead as (

    select distinct item_key from judged
    where is_known_dead

),

final as (

    select judged.*
    from judged
    inner join items_to_the_dead on judged.item_key = items_to_the_dead.item_key

)

select * from final
