-- grain: one metric by band and period: the gap between the ends of its bands
with ratios as (
    select * from {{ ref('fct_metric_ratios') }}
),

bands as (
    select * from {{ ref('metric_bands') }}
),

ends as (
    select
        ratios.metric_key,
        ratios.period_grain,
        ratios.period_end,
        ratios.is_provisional,
        max(case when ratios.member = bands.high_member then cast(ratios.numerator as double) / nullif(ratios.denominator, 0) end)
            as high_rate,
        max(case when ratios.member = bands.low_member then cast(ratios.numerator as double) / nullif(ratios.denominator, 0) end)
            as low_rate,
        min(case when ratios.member in (bands.high_member, bands.low_member) then ratios.subject_count end) as smaller_count,
        min(case when ratios.member in (bands.high_member, bands.low_member) then ratios.coverage end) as smaller_coverage,
        sum(case when ratios.member not like '%unknown%' then ratios.subject_count else 0 end) as banded_count,
        sum(ratios.subject_count) as every_count
    from ratios
    inner join bands on ratios.metric_key = bands.metric_key and ratios.dimension = bands.dimension
    group by ratios.metric_key, ratios.period_grain, ratios.period_end, ratios.is_provisional
),

final as (
    select
        metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        cast(round(high_rate - low_rate, 6) as decimal(18, 6)) as value,
        -- As small as the smaller end; as little known as the end of which less is known, and as the share whose band is known.
        cast(smaller_count as bigint) as n,
        cast(round(cast(smaller_coverage as double) * banded_count / nullif(every_count, 0), 6) as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        is_provisional
    from ends
    where high_rate is not null and low_rate is not null
)

select * from final
