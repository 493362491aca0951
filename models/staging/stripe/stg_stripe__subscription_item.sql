-- grain: one item on a Stripe subscription, as it is today
with items as (

    select * from {{ ref('base_stripe__subscription_item') }}

),

final as (

    select
        id as subscription_item_id,
        subscription_id,
        coalesce(price_id, plan_id) as price_id,
        quantity,
        {{ reporting_date('current_period_start') }} as current_period_start_date,
        {{ reporting_date('current_period_end') }} as current_period_end_date,
        _created_date as recorded_date
    from items
    where _row_status = 'accepted'

)

select * from final
