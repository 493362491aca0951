-- grain: one metric by adoption band and period: the gap between its ends
with window_ratios as (
    select * from {{ ref('fct_adoption_window_ratios') }} where dimension = 'adoption_band'
),

ends as (
    select
        metric_key,
        period_grain,
        period_end,
        is_provisional,
        max(case when member = 'green' then cast(numerator as double) / nullif(denominator, 0) end) as high_rate,
        max(case when member = 'red' then cast(numerator as double) / nullif(denominator, 0) end) as low_rate,
        sum(case when member in ('green', 'red') then subject_count else 0 end) as subject_count,
        min(case when member in ('green', 'red') then subject_count end) as smaller_count
    from window_ratios
    group by metric_key, period_grain, period_end, is_provisional
),

final as (
    select
        metric_key,
        period_grain,
        period_end,
        cast(round(high_rate - low_rate, 6) as decimal(18, 6)) as value,
        -- As small as its smaller end.
        cast(smaller_count as bigint) as n,
        is_provisional
    from ends
    where high_rate is not null and low_rate is not null
)

select * from final
