-- grain: one redeemed code
with exported as (
    select * from {{ ref('base_thought_industries__code_redemptions') }} where _row_status = 'accepted'
),

final as (
    select
        redemption_code,
        timestamp as redeemed_at,
        _created_date as recorded_date
    from exported
)

select * from final
