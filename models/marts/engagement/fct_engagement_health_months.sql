-- grain: one active customer and month-end
with health_months as (
    select * from {{ ref('fct_health_months') }}
),

engagement_months as (
    select * from {{ ref('fct_engagement_months') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

earlier_months as (
    select
        health_months.customer_id,
        health_months.month_number + 1 as month_number,
        health_months.{{ score_beside_engagement() }} as score,
        engagement_months.engagement_count,
        engagement_months.rated_count,
        engagement_months.positive_count
    from health_months
    inner join engagement_months
        on health_months.customer_id = engagement_months.customer_id and health_months.month_end = engagement_months.month_end
),

final as (
    select
        health_months.customer_id,
        health_months.month_end,
        coalesce(customers.segment, 'unknown') as segment,
        cast(health_months.{{ score_beside_engagement() }} as decimal(18, 6)) as score,
        engagement_months.engagement_count,
        case
            when engagement_months.engagement_count is null then 'unknown'
            when engagement_months.engagement_count = 0 then 'none'
            when engagement_months.engagement_count <= 2 then '1–2'
            when engagement_months.engagement_count <= 5 then '3–5'
            else '6 or more'
        end as engagement_count_band,
        cast(
            round(cast(engagement_months.positive_count as double) / nullif(engagement_months.rated_count, 0), 6) as decimal(18, 6)
        ) as positive_share,
        cast(health_months.{{ score_beside_engagement() }} - earlier_months.score as decimal(18, 6)) as score_change,
        earlier_months.engagement_count as earlier_engagement_count,
        cast(
            round(cast(earlier_months.positive_count as double) / nullif(earlier_months.rated_count, 0), 6) as decimal(18, 6)
        ) as earlier_positive_share,
        health_months.is_provisional
    from health_months
    inner join engagement_months
        on health_months.customer_id = engagement_months.customer_id and health_months.month_end = engagement_months.month_end
    left join customers on health_months.customer_id = customers.customer_id
    left join earlier_months
        on health_months.customer_id = earlier_months.customer_id and health_months.month_number = earlier_months.month_number
)

select * from final
