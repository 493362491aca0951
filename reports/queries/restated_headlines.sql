-- grain: one headline figure that is no longer what was first published; the hundred with the largest change, in shares of the first value
with headlines as (

    select
        metric_key,
        min(headline_grain) as headline_grain
    from marts.dim_metrics
    where is_headline
    group by metric_key

),

changed as (

    select published.*
    from marts.fct_published_values as published
    inner join headlines
        on
            published.metric_key = headlines.metric_key
            and published.period_grain = headlines.headline_grain
    where
        published.dimension = 'all'
        and published.first_value is distinct from published.last_value

),

reasons as (

    select
        metric_key,
        period_grain,
        period_end,
        bool_or(reason = 'data') as has_data_reason,
        bool_or(reason = 'policy') as has_policy_reason,
        bool_or(cause = 'unknown') as has_unknown_cause,
        max(version) as version
    from marts.fct_restatements
    where dimension = 'all' and is_value_changed
    group by
        metric_key,
        period_grain,
        period_end

),

subjects as (

    select
        metric_key,
        period_grain,
        period_end,
        count(distinct subject_id) as subject_count
    from marts.fct_restatement_causes
    where dimension = 'all'
    group by
        metric_key,
        period_grain,
        period_end

),

final as (

    select
        changed.metric_key,
        changed.period_grain,
        changed.period_end,
        changed.first_value,
        changed.first_version,
        changed.first_as_of_date,
        changed.last_value,
        changed.delta_since_close,
        reasons.has_data_reason,
        reasons.has_policy_reason,
        reasons.has_unknown_cause,
        reasons.version,
        coalesce(subjects.subject_count, 0) as subject_count,
        abs(changed.delta_since_close) / nullif(abs(changed.first_value), 0) as weight
    from changed
    left join reasons
        on
            changed.metric_key = reasons.metric_key
            and changed.period_grain = reasons.period_grain
            and changed.period_end = reasons.period_end
    left join subjects
        on
            changed.metric_key = subjects.metric_key
            and changed.period_grain = subjects.period_grain
            and changed.period_end = subjects.period_end

)

select * exclude (weight)
from final
order by weight desc nulls last, period_end desc, metric_key
limit 100
