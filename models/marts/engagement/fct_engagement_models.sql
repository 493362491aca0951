-- grain: one customer and twelve months in which the customer was active, paid, or had recurring revenue at either end
with retention as (
    select * from {{ ref('fct_retention') }} where period_grain in ('t12m', 'year')
),

periods as (
    select * from {{ ref('dim_periods') }}
),

engagement_periods as (
    select * from {{ ref('fct_engagement_periods') }}
),

feeds as (
    select * from {{ ref('int_engagement_feeds') }}
),

cost_periods as (
    select * from {{ ref('fct_customer_cost_periods') }}
),

health_months as (
    select * from {{ ref('fct_health_months') }}
),

joined as (
    select
        retention.*,
        coalesce(engagement_periods.interaction_count, 0) as interaction_count,
        {%- for mode in ('high_touch', 'digital', 'self_help', 'community') %}
        coalesce(engagement_periods.{{ mode }}_count, 0) as {{ mode }}_count,
        {%- endfor %}
        coalesce(
            feeds.tracked_from_date <= {{ add_days('periods.opening_date', 1) }}
            and feeds.tracked_until_date >= {{ add_days('periods.snapshot_date', -31) }}, false
        ) as is_measured,
        cost_periods.service_cost_amount,
        health_months.{{ score_beside_engagement() }} as score
    from retention
    inner join periods on retention.period_grain = periods.period_grain and retention.period_end = periods.period_end
    left join feeds on retention.customer_id = feeds.customer_id
    left join engagement_periods
        on
            retention.customer_id = engagement_periods.customer_id
            and retention.period_grain = engagement_periods.period_grain
            and retention.period_end = engagement_periods.period_end
    left join cost_periods
        on
            retention.customer_id = cost_periods.customer_id
            and retention.period_grain = cost_periods.period_grain
            and retention.period_end = cost_periods.period_end
    left join health_months
        on retention.customer_id = health_months.customer_id and retention.period_end = health_months.month_end
),

final as (
    select
        customer_id,
        period_grain,
        period_end,
        -- The model that most interactions are of; of two with as many, the more personal one.
        case
            when not is_measured then 'unknown'
            when interaction_count = 0 then 'none'
            when greatest(high_touch_count, digital_count, self_help_count, community_count) = 0 then 'unknown'
            when high_touch_count >= greatest(digital_count, self_help_count, community_count) then 'high_touch'
            when community_count >= greatest(digital_count, self_help_count) then 'community'
            when digital_count >= self_help_count then 'digital'
            else 'self_help'
        end as engagement_model,
        is_active_at_closing,
        cast(case when is_active_at_closing then score end as decimal(18, 6)) as score,
        revenue_amount,
        service_cost_amount,
        is_provisional
    from joined
)

select * from final
