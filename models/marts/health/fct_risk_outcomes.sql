-- grain: one customer that was active six months before a month-end
with health_months as (
    select * from {{ ref('fct_health_months') }}
),

changes as (
    select changes.*, months.month_number
    from {{ ref('fct_revenue_changes') }} as changes
    inner join {{ ref('int_months') }} as months on changes.month_end = months.month_end
    where changes.movement in ('churn', 'transactional_loss', 'contraction')
),

months as (
    select * from {{ ref('int_months') }}
),

losses as (
    select
        health_months.customer_id,
        health_months.month_number,
        max(case when changes.movement <> 'contraction' then 1 else 0 end) as churn_flag
    from health_months
    inner join changes
        on
            health_months.customer_id = changes.customer_id
            and changes.month_number > health_months.month_number
            and changes.month_number <= health_months.month_number + 6
    group by health_months.customer_id, health_months.month_number
),

final as (
    select
        health_months.customer_id,
        months.month_end,
        health_months.month_end as class_month_end,
        health_months.risk_class,
        health_months.health_score,
        cast(coalesce(losses.churn_flag, 0) = 1 as boolean) as has_churned,
        cast(losses.customer_id is not null as boolean) as has_churned_or_contracted,
        months.is_provisional
    from health_months
    inner join months on health_months.month_number + 6 = months.month_number
    left join losses
        on health_months.customer_id = losses.customer_id and health_months.month_number = losses.month_number
)

select * from final
