with

account_episodes as (

    select * from {{ ref('int_service_episodes__of_accounts') }}

),

person_episodes as (

    select * from {{ ref('int_service_episodes__of_persons') }}

),

liable as (

    select * from {{ ref('int_account_customers__liable') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

episodes as (

    select
        account_episodes.episode_key,
        account_episodes.source_system,
        account_episodes.service_code,
        account_episodes.start_date,
        account_episodes.end_date,
        account_episodes.status_code,
        liable.record_key,
        liable.customer_id,
        liable.party_no,
        liable.is_joint and not account_episodes.is_lead_only as is_joint
    from account_episodes
    inner join liable on account_episodes.account_key = liable.account_key
    where liable.party_no = 1 or not account_episodes.is_lead_only
    union all
    select
        person_episodes.episode_key,
        person_episodes.source_system,
        person_episodes.service_code,
        person_episodes.start_date,
        person_episodes.end_date,
        person_episodes.status_code,
        person_episodes.record_key,
        members.customer_id,
        1 as party_no,
        false as is_joint
    from person_episodes
    left join members on person_episodes.record_key = members.record_key

),

final as (

    select
        md5(concat_ws(':', service_code, episode_key, record_key)) as engagement_id,
        episode_key,
        customer_id,
        record_key,
        source_system,
        service_code,
        party_no,
        is_joint,
        start_date,
        end_date,
        coalesce(start_date <= {{ night() }}, true)
        and coalesce(end_date >= {{ night() }}, true) as is_open,
        status_code
    from episodes

)

select * from final
