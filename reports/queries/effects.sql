-- grain: one effect, in the twelve months whose value is shown: the plain gap, and what is left of it among customers alike
with effects as (
    select
        metric_key,
        dimension,
        member,
        period_grain,
        period_end,
        raw_gap,
        adjusted_effect,
        ci_low,
        ci_high,
        placebo_effect,
        placebo_ci_low,
        placebo_ci_high,
        n_treated,
        n_control,
        coverage,
        verdict
    from marts.fct_effects
    union all
    select
        metric_key,
        dimension,
        member,
        period_grain,
        period_end,
        raw_gap,
        adjusted_effect,
        ci_low,
        ci_high,
        placebo_effect,
        placebo_ci_low,
        placebo_ci_high,
        n_treated,
        n_control,
        coverage,
        verdict
    from marts.fct_rep_effects
)

select effects.*
from effects
left join marts.fct_metric_values as metric_values
    on
        effects.metric_key = metric_values.metric_key
        and effects.period_grain = metric_values.period_grain
        and effects.period_end = metric_values.period_end
        and effects.dimension = metric_values.dimension
        and effects.member = metric_values.member
where effects.period_grain = 't12m'
qualify
    rank() over (
        partition by effects.metric_key, effects.dimension
        order by coalesce(metric_values.is_provisional, false) asc, effects.period_end desc
    ) = 1
order by effects.metric_key, effects.dimension, effects.member
