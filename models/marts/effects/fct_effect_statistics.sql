-- grain: one effect, treatment and period
with effects as (
    select * from {{ ref('fct_effects') }}
    union all
    select * from {{ ref('fct_rep_effects') }}
),

final as (
    select
        metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        adjusted_effect as value,
        n_treated as n,
        coverage,
        verdict,
        ci_low,
        ci_high,
        false as is_provisional
    from effects
)

select * from final
