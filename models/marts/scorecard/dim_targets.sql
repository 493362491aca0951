-- grain: one target of a metric, member and period grain from a day on
with targets as (
    select * from {{ ref('metric_targets') }}
),

metrics as (
    select metric_key, max(direction) as direction, max(headline_grain) as headline_grain
    from {{ ref('dim_metrics') }}
    group by metric_key
),

final as (
    select
        targets.metric_key,
        targets.dimension,
        targets.member,
        coalesce(targets.period_grain, metrics.headline_grain) as period_grain,
        targets.period_start,
        cast(targets.target as decimal(18, 6)) as target,
        cast(targets.red_threshold as decimal(18, 6)) as red_threshold,
        cast(coalesce(targets.amber_threshold, targets.target) as decimal(18, 6)) as amber_threshold,
        metrics.direction,
        targets.owner,
        targets.source
    from targets
    inner join metrics on targets.metric_key = metrics.metric_key
)

select * from final
