-- grain: one headline figure, version and subject whose share in it changed; the ten largest of each figure and version
with headlines as (

    select
        metric_key,
        min(headline_grain) as headline_grain
    from marts.dim_metrics
    where is_headline
    group by metric_key

),

ranked as (

    select
        causes.version,
        causes.metric_key,
        causes.period_grain,
        causes.period_end,
        causes.subject_type,
        causes.subject_id,
        coalesce(customers.customer_name, causes.subject_id) as subject_name,
        causes.numerator_before,
        causes.numerator_after,
        causes.numerator_delta,
        causes.denominator_delta,
        count(*) over figure as subject_count,
        row_number() over (
            figure
            order by abs(causes.numerator_delta) desc, abs(causes.denominator_delta) desc nulls last, causes.subject_id asc
        ) as subject_rank
    from marts.fct_restatement_causes as causes
    inner join headlines
        on
            causes.metric_key = headlines.metric_key
            and causes.period_grain = headlines.headline_grain
    left join marts.dim_customers as customers
        on causes.subject_type = 'customer' and causes.subject_id = customers.customer_id
    where causes.dimension = 'all'
    window figure as (partition by causes.version, causes.metric_key, causes.period_end)

)

select *
from ranked
where subject_rank <= 10
order by version desc, metric_key, period_end desc, subject_rank
