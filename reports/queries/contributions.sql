-- grain: one metric and subject; the fifty largest of a metric and the ten largest of each segment, region, channel and tenure band
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

shown_contributions as (

    select
        contributions.*,
        case
            when contributions.subject_type = 'customer' then contributions.subject_id
            when contributions.subject_type = 'customer_product' then split_part(contributions.subject_id, '|', 1)
            when contributions.subject_type = 'warning' then warnings.customer_id
        end as customer_id,
        warnings.warning_date
    from marts.fct_metric_contributions as contributions
    inner join shown
        on
            contributions.metric_key = shown.metric_key
            and contributions.period_grain = shown.period_grain
            and contributions.period_end = shown.period_end
            and coalesce(contributions.dimension, 'all') = shown.dimension
    left join marts.fct_early_warnings as warnings
        on contributions.subject_type = 'warning' and contributions.subject_id = warnings.warning_key
    where
        contributions.numerator is not null
        or contributions.denominator is not null

),

rows_behind as (

    select
        contributions.metric_key,
        contributions.member,
        contributions.subject_type,
        contributions.subject_id,
        contributions.customer_id,
        contributions.numerator,
        contributions.denominator,
        coalesce(contributions.is_included, false) as is_included,
        contributions.exclusion_reason,
        case
            when contributions.subject_type = 'customer_product'
                then concat_ws(' · ', customers.customer_name, split_part(contributions.subject_id, '|', 2))
            when contributions.subject_type = 'warning'
                then concat_ws(' · ', coalesce(customers.customer_name, contributions.customer_id), cast(contributions.warning_date as varchar))
            else coalesce(customers.customer_name, contributions.subject_id)
        end as subject_name,
        coalesce(customers.segment, 'unknown') as segment,
        coalesce(customers.region, 'unknown') as region,
        coalesce(customers.channel, 'unknown') as channel,
        coalesce(retention.tenure_band, 'unknown') as tenure_band,
        retention.opening_mrr_amount,
        retention.closing_mrr_amount,
        retention.closing_mrr_amount - retention.opening_mrr_amount as change_mrr_amount,
        case
            when contributions.dimension = 'movement' and contributions.member in ('opening', 'closing') then 0
            when contributions.dimension <> 'all' then abs(coalesce(contributions.numerator, 0))
            else abs(coalesce(contributions.numerator - contributions.denominator, contributions.numerator, 0))
        end as weight_amount,
        greatest(
            coalesce(retention.opening_mrr_amount, 0),
            coalesce(retention.closing_mrr_amount, 0)
        ) as size_amount
    from shown_contributions as contributions
    left join marts.dim_customers as customers
        on contributions.customer_id = customers.customer_id
    left join marts.fct_retention as retention
        on
            contributions.customer_id = retention.customer_id
            and contributions.period_grain = retention.period_grain
            and contributions.period_end = retention.period_end

),

ranked as (

    select
        *,
        row_number() over (
            partition by metric_key
            order by is_included desc, weight_amount desc, size_amount desc, subject_id asc, member asc nulls first
        ) as metric_rank,
        row_number() over (
            partition by metric_key, segment
            order by is_included desc, weight_amount desc, size_amount desc, subject_id asc, member asc nulls first
        ) as segment_rank,
        row_number() over (
            partition by metric_key, region
            order by is_included desc, weight_amount desc, size_amount desc, subject_id asc, member asc nulls first
        ) as region_rank,
        row_number() over (
            partition by metric_key, channel
            order by is_included desc, weight_amount desc, size_amount desc, subject_id asc, member asc nulls first
        ) as channel_rank,
        row_number() over (
            partition by metric_key, tenure_band
            order by is_included desc, weight_amount desc, size_amount desc, subject_id asc, member asc nulls first
        ) as tenure_band_rank
    from rows_behind

),

final as (

    select * exclude (weight_amount, size_amount)
    from ranked
    where
        metric_rank <= 50
        or (is_included and least(segment_rank, region_rank, channel_rank, tenure_band_rank) <= 10)

)

select * from final
order by metric_key, metric_rank, subject_id, member
