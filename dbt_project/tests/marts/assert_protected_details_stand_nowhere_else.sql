-- Fails where an address, telephone number or e-mail address of a safe-flagged person is in an open mart.
with

protected as (

    select * from {{ ref('int_contact_details__protected') }}

),

shown as (

    select
        'address_id'::text as attribute,
        address_id as value
    from {{ ref('dim_customer') }}
    union
    select
        'phone'::text as attribute,
        phone as value
    from {{ ref('dim_customer') }}
    union
    select
        'email'::text as attribute,
        email as value
    from {{ ref('dim_customer') }}
    union
    select
        'address_id'::text as attribute,
        address_id as value
    from {{ ref('dim_address') }}
    union
    select
        'address_id'::text as attribute,
        address_id as value
    from {{ ref('dim_household') }}
    union
    select
        'address_id'::text as attribute,
        address_id as value
    from {{ ref('fct_correspondence') }}

)

select shown.attribute
from shown
inner join protected
    on shown.attribute = protected.attribute and shown.value = protected.value
