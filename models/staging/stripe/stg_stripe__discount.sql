-- grain: one Stripe discount on a customer, a subscription, an invoice or a checkout session
with discounts as (

    select * from {{ ref('base_stripe__discount') }}

),

final as (

    select
        id as discount_id,
        subscription_id,
        customer_id,
        invoice_id,
        coupon_id,
        -- Applications of a discount to one document repeat the discount that caused them.
        invoice_id is not null or invoice_item_id is not null or checkout_session_id is not null as is_application,
        {{ reporting_date(adapter.quote('start')) }} as start_date,
        {{ reporting_date(adapter.quote('end')) }} as end_date,
        _created_date as recorded_date
    from discounts
    where _row_status = 'accepted'

)

select * from final
