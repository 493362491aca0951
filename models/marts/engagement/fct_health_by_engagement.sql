-- grain: one month-end, segment and band of engagements
-- noqa: disable=PRS
with engagement_health_months as (
    select * from {{ ref('fct_engagement_health_months') }}
),

final as (
    select
        month_end,
        coalesce(segment, 'all') as segment,
        engagement_count_band,
        cast(count(*) as bigint) as customer_count,
        cast(count(score) as bigint) as scored_customer_count,
        cast(round(cast(sum(score) as double) / nullif(count(score), 0), 6) as decimal(18, 6)) as mean_score,
        cast(round(cast(sum(positive_share) as double) / nullif(count(positive_share), 0), 6) as decimal(18, 6)) as mean_positive_share,
        is_provisional
    from engagement_health_months
    group by grouping sets (
        (month_end, is_provisional, engagement_count_band),
        (month_end, is_provisional, engagement_count_band, segment)
    )
)

select * from final
