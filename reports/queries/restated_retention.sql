-- grain: one month-end; net revenue retention as first published and as of now
select
    published.period_end,
    published.first_value,
    published.last_value
from marts.fct_published_values as published
inner join (
    select
        metric_key,
        min(headline_grain) as headline_grain
    from marts.dim_metrics
    group by metric_key
) as metrics
    on
        published.metric_key = metrics.metric_key
        and published.period_grain = metrics.headline_grain
where
    published.metric_key = 'net_revenue_retention'
    and published.dimension = 'all'
order by published.period_end
