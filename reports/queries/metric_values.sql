-- grain: one metric; its newest period that is not provisional, at the headline grain, for the whole company
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
        metric_key,
        period_grain,
        period_end,
        numerator,
        denominator,
        value,
        n,
        coverage,
        ci_low,
        ci_high,
        verdict,
        target,
        status,
        prior_value,
        prior_year_value,
        coalesce(is_provisional, false) as is_provisional,
        value - target as target_variance,
        value - prior_value as prior_change,
        value - prior_year_value as prior_year_change
    from shown

)

select * from final
order by metric_key
