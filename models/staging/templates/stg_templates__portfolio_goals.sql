-- grain: one goal of a portfolio manager for a month
with exported as (
    select * from {{ ref('base_templates__portfolio_goals') }} where _row_status = 'accepted'
),

final as (
    select
        manager_id,
        lower(goal) as goal,
        period_month,
        target_amount,
        upper(currency) as currency,
        _created_date as recorded_date
    from exported
)

select * from final
