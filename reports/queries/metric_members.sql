-- grain: one metric and member of a dimension, in the newest period that is not provisional
with metrics as (

    select
        metric_key,
        min(headline_grain) as headline_grain
    from marts.dim_metrics
    group by metric_key

),

newest as (

    select
        metric_values.metric_key,
        metric_values.dimension,
        metric_values.period_grain,
        metric_values.period_end
    from marts.fct_metric_values as metric_values
    left join metrics
        on metric_values.metric_key = metrics.metric_key
    where
        metric_values.dimension <> 'all'
        and metric_values.period_grain = coalesce(metrics.headline_grain, 't12m')
    qualify
        row_number() over (
            partition by metric_values.metric_key, metric_values.dimension
            order by
                coalesce(metric_values.is_provisional, false) asc,
                metric_values.period_end desc,
                metric_values.member asc
        ) = 1

),

final as (

    select
        metric_values.metric_key,
        metric_values.dimension,
        metric_values.member,
        metric_values.period_grain,
        metric_values.period_end,
        metric_values.numerator,
        metric_values.denominator,
        metric_values.value,
        metric_values.n,
        metric_values.coverage,
        metric_values.ci_low,
        metric_values.ci_high,
        metric_values.verdict,
        metric_values.target,
        metric_values.status,
        coalesce(metric_values.is_provisional, false) as is_provisional
    from marts.fct_metric_values as metric_values
    inner join newest
        on
            metric_values.metric_key = newest.metric_key
            and metric_values.dimension = newest.dimension
            and metric_values.period_grain = newest.period_grain
            and metric_values.period_end = newest.period_end

)

select * from final
order by metric_key, dimension, member
