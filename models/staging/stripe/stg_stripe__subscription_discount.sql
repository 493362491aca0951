-- grain: one coupon applied to a Stripe subscription
with discounts as (

    select * from {{ ref('base_stripe__subscription_discount') }}

),

final as (

    select
        id as discount_id,
        subscription_id,
        customer_id,
        coupon_id,
        {{ reporting_date(adapter.quote('start')) }} as start_date,
        {{ reporting_date(adapter.quote('end')) }} as end_date,
        _created_date as recorded_date
    from discounts
    where _row_status = 'accepted'

)

select * from final
