-- Fails for a fact whose customer is no more: it should have been built anew when the customer was merged.
with

customers as (

    select distinct customer_id from {{ ref('int_customers__members') }}

),

named as (

    {%- for fact in [
        'fct_payment', 'fct_debt', 'fct_correspondence', 'fct_service_engagement',
        'fct_application', 'fct_evidence_request', 'fct_contact', 'dim_death',
        'dim_support_action'
    ] %}
        select
            '{{ fact }}'::text as mart,
            customer_id
        from {{ ref(fact) }}
        where customer_id is not null
        group by customer_id
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}

)

select
    named.mart,
    count(*) as customers
from named
left join customers on named.customer_id = customers.customer_id
where customers.customer_id is null
group by named.mart
