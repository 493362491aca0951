-- grain: one effect, in the newest twelve months: the plain gap, and what is left of it among customers alike
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

select *
from effects
where period_grain = 't12m'
qualify rank() over (partition by metric_key order by period_end desc) = 1
order by metric_key, dimension, member
