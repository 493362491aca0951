-- grain: one metric of how engagement follows value, and period
with deciles as (
    select * from {{ ref('fct_engagement_deciles') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

totals as (
    select
        month_end,
        is_provisional,
        sum(customer_count) as customer_count,
        sum(known_customer_count) as known_customer_count,
        cast(sum(engagement_count) as decimal(12, 0)) as engagement_count,
        cast(sum(arr_amount) as decimal(24, 6)) as arr_amount
    from deciles
    group by month_end, is_provisional
),

-- Shares on one denominator, so that the sum is exact: |e ÷ E − a ÷ A| is |e × A − a × E| ÷ (E × A).
distances as (
    select
        deciles.month_end,
        sum(
            abs(
                cast(deciles.engagement_count as decimal(12, 0)) * totals.arr_amount
                - cast(deciles.arr_amount as decimal(24, 6)) * totals.engagement_count
            )
        ) as distance
    from deciles
    inner join totals on deciles.month_end = totals.month_end
    group by deciles.month_end
),

final as (
    select
        'engagement_value_alignment' as metric_key,
        periods.period_grain,
        periods.period_end,
        'all' as dimension,
        'all' as member,
        cast(
            round(
                1 - 0.5 * cast(distances.distance as double)
                / nullif(cast(totals.engagement_count as double) * cast(totals.arr_amount as double), 0), 6
            ) as decimal(18, 6)
        ) as value,
        cast(totals.known_customer_count as bigint) as n,
        cast(cast(totals.known_customer_count as double) / totals.customer_count as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        totals.is_provisional
    from totals
    inner join distances on totals.month_end = distances.month_end
    inner join periods on totals.month_end = periods.period_end
)

select * from final
