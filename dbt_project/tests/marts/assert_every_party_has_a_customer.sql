-- Fails for a person record on an account that belongs to no customer: linkage left it out.
with

parties as (

    select distinct record_key from {{ ref('int_account_parties') }}

),

bridge as (

    select record_key from {{ ref('bridge_customer_source_record') }}

)

select parties.record_key
from parties
left join bridge on parties.record_key = bridge.record_key
where bridge.record_key is null
