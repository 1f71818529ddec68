{{ config(schema='intermediate') }}

with

council_tax_accounts as (

    select
        account_ref,
        record_key as account_key
    from {{ ref('stg_council_tax__accounts') }}

),

tenancies as (

    select
        tenancy_ref,
        source_row_key as account_key
    from {{ ref('stg_housing__tenancies') }}

),

care_persons as (

    select
        person_ref,
        record_key as account_key
    from {{ ref('stg_adult_social_care__persons') }}

),

direct_payments as (

    select * from {{ ref('stg_adult_social_care__direct_payments') }}

),

grant_applications as (

    select
        application_ref,
        record_key as account_key
    from {{ ref('stg_grants__applications') }}

),

grant_payments as (

    select * from {{ ref('stg_grants__payments') }}

),

members as (

    select * from {{ ref('int_customers__members') }}

),

parties as (

    select * from {{ ref('int_account_parties') }}

),

liable as (

    select * from {{ ref('int_account_customers__liable') }}

),

-- all versions, so that a charge that was taken back is seen too
council_tax_rows as (

    select
        source_row_key,
        account_ref
    from {{ ref('stg_council_tax__transaction_versions') }}
    union all
    select
        source_row_key,
        account_ref
    from {{ ref('stg_council_tax__recovery_stage_versions') }}

),

tenancy_rows as (

    select
        source_row_key,
        tenancy_ref
    from {{ ref('stg_housing__rent_transaction_versions') }}
    union all
    select
        source_row_key,
        tenancy_ref
    from {{ ref('stg_housing__arrears_action_versions') }}

),

changed_rows as (

    {{ work_list('record') }}

),

changed_customers as (

    {{ work_list('customer') }}

),

changed as (

    -- the account's own row: also accounts that are gone
    select record_key as account_key from changed_rows
    union
    -- money and recovery stages
    select council_tax_accounts.account_key
    from changed_rows
    inner join council_tax_rows on changed_rows.record_key = council_tax_rows.source_row_key
    inner join council_tax_accounts
        on council_tax_rows.account_ref = council_tax_accounts.account_ref
    union
    select tenancies.account_key
    from changed_rows
    inner join tenancy_rows on changed_rows.record_key = tenancy_rows.source_row_key
    inner join tenancies on tenancy_rows.tenancy_ref = tenancies.tenancy_ref
    union
    select care_persons.account_key
    from changed_rows
    inner join direct_payments on changed_rows.record_key = direct_payments.source_row_key
    inner join care_persons on direct_payments.person_ref = care_persons.person_ref
    union
    select grant_applications.account_key
    from changed_rows
    inner join grant_payments on changed_rows.record_key = grant_payments.source_row_key
    inner join grant_applications
        on grant_payments.application_ref = grant_applications.application_ref
    union
    -- the people on the account
    select parties.account_key
    from changed_rows
    inner join parties on changed_rows.record_key = parties.record_key
    union
    select parties.account_key
    from changed_customers
    inner join members on changed_customers.customer_id = members.customer_id
    inner join parties on members.record_key = parties.record_key
    union
    -- and on their earlier accounts
    select liable.account_key
    from changed_customers
    inner join liable on changed_customers.customer_id = liable.customer_id

),

every_account as (

    select account_key from council_tax_accounts
    union all
    select account_key from tenancies
    union all
    select account_key from care_persons
    union all
    select account_key from grant_applications

),

final as (

    select account_key from changed
    where account_key is not null
    union
    select account_key from every_account
    where {{ is_first_build() }}

)

select * from final
