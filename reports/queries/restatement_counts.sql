-- grain: one row; how many published values of closed periods are kept, and how many are no longer what was first published
with headlines as (

    select distinct
        metric_key,
        headline_grain
    from marts.dim_metrics
    where is_headline

),

judged as (

    select
        published.first_value is distinct from published.last_value as is_changed,
        published.dimension = 'all' and headlines.metric_key is not null as is_headline
    from marts.fct_published_values as published
    left join headlines
        on
            published.metric_key = headlines.metric_key
            and published.period_grain = headlines.headline_grain

),

log as (

    select
        min(version) as first_version,
        arg_min(as_of_date, version) as first_as_of_date
    from marts.fct_publications

),

final as (

    select
        count(*) as value_count,
        count(*) filter (where is_changed) as changed_value_count,
        count(*) filter (where is_headline) as headline_count,
        count(*) filter (where is_headline and is_changed) as changed_headline_count
    from judged

)

select *
from final
cross join log
