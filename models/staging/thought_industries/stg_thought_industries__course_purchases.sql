-- grain: one item of one order
with exported as (
    select * from {{ ref('base_thought_industries__course_purchases') }} where _row_status = 'accepted'
),

final as (
    select
        order_id,
        sku as item_id,
        coupon_code,
        success as is_successful,
        timestamp as ordered_at,
        _created_date as recorded_date
    from exported
)

select * from final
