-- grain: one metric and reason; how many subjects count and how many are left out, in the period that is shown
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
        metric_values.dimension not in ('segment', 'region', 'channel', 'product_family', 'tenure_band')
        and metric_values.period_grain = coalesce(metrics.headline_grain, 't12m')
    qualify
        -- a mix has no total, so its members are shown
        row_number() over (
            partition by metric_values.metric_key
            order by
                metric_values.dimension = 'all' desc,
                coalesce(metric_values.is_provisional, false) asc,
                metric_values.period_end desc,
                metric_values.dimension asc,
                metric_values.member asc
        ) = 1

),

final as (

    select
        contributions.metric_key,
        coalesce(contributions.is_included, false) as is_included,
        contributions.exclusion_reason,
        contributions.subject_type,
        count(*) as subject_count
    from marts.fct_metric_contributions as contributions
    inner join shown
        on
            contributions.metric_key = shown.metric_key
            and contributions.period_grain = shown.period_grain
            and contributions.period_end = shown.period_end
            and coalesce(contributions.dimension, 'all') = shown.dimension
    group by all

)

select * from final
order by metric_key, is_included desc, exclusion_reason nulls first, subject_type
