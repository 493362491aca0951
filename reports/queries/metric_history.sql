-- grain: one metric and period; the last 24 periods up to the one that is shown, oldest first
with metrics as (

    select
        metric_key,
        min(headline_grain) as headline_grain
    from marts.dim_metrics
    group by metric_key

),

shown as (

    select
        metric_values.*
    from marts.fct_metric_values as metric_values
    left join metrics
        on metric_values.metric_key = metrics.metric_key
    where
        metric_values.dimension = 'all'
        and metric_values.period_grain = coalesce(metrics.headline_grain, 't12m')
    qualify
        row_number() over (
            partition by metric_values.metric_key
            order by coalesce(metric_values.is_provisional, false) asc, metric_values.period_end desc
        ) = 1

),

final as (

    select
        metric_values.metric_key,
        metric_values.period_grain,
        metric_values.period_end,
        metric_values.numerator,
        metric_values.denominator,
        metric_values.value,
        metric_values.n,
        metric_values.verdict,
        metric_values.target
    from marts.fct_metric_values as metric_values
    inner join shown
        on
            metric_values.metric_key = shown.metric_key
            and metric_values.period_grain = shown.period_grain
            and metric_values.period_end <= shown.period_end
    where metric_values.dimension = 'all'
    qualify
        row_number() over (
            partition by metric_values.metric_key
            order by metric_values.period_end desc
        ) <= 24

)

select * from final
order by metric_key, period_end
