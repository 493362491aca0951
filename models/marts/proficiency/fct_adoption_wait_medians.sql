-- grain: one metric of the time to adoption, period, dimension and member
-- noqa: disable=LT02,PRS
with waits as (
    select * from {{ ref('fct_adoption_waits') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain in ('t12m', 'year') and is_opening_known
),

members as (
    select *, 'training' as dimension, training as member from waits
),

{{ medians_of_waits(
    'members', 'is_adopted', {'time_to_adoption_by_training': 0.5, 'time_to_adoption_by_training_p90': 0.1}, result='medians'
) }},

-- How much sooner the trained ones are there.
final as (
    select * from medians

    union all

    select
        others.metric_key,
        others.period_grain,
        others.period_end,
        'all' as dimension,
        'all' as member,
        cast(others.value - trained.value as decimal(18, 6)) as value,
        others.n + trained.n as n,
        least(others.coverage, trained.coverage) as coverage,
        others.verdict,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        others.is_provisional
    from medians as others
    inner join medians as trained
        on
            others.metric_key = trained.metric_key
            and others.period_grain = trained.period_grain
            and others.period_end = trained.period_end
    where others.member = 'not_trained' and trained.member = 'trained'
)

select * from final
