-- grain: one effect, treatment and period (year or trailing twelve months)
-- noqa: disable=LT02
with effect_metrics as (
    {{ list_of_effects() }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain in ('t12m', 'year') and is_opening_known and not is_provisional
),

subjects as (
    select
        subjects.metric_key,
        subjects.dimension,
        subjects.member,
        subjects.closing_month_number as month_number,
        subjects.customer_id as subject_id,
        subjects.stratum,
        subjects.is_treated,
        subjects.outcome_value as outcome,
        subjects.after_value as post_outcome,
        subjects.placebo_value as placebo_outcome
    from {{ ref('fct_effect_subjects') }} as subjects
),

{{ stratified_effect('subjects', ['metric_key', 'dimension', 'member'], periods='periods') }},

judged as (
    select
        effects.*,
        effect_metrics.is_level,
        effect_metrics.expected_side,
        {{ effect_verdict('effect_metrics.expected_side', has_placebo='effect_metrics.is_level = false') }} as verdict
    from effects
    inner join effect_metrics on effects.metric_key = effect_metrics.metric_key
    where effects.n_treated_all > 0
),

-- With too little evidence no number is shown.
final as (
    select
        metric_key,
        dimension,
        member,
        period_grain,
        period_end,
        {%- for number, name in (
            ('raw_gap', 'raw_gap'), ('effect', 'adjusted_effect'), ('ci_low', 'ci_low'), ('ci_high', 'ci_high'),
            ('placebo_effect', 'placebo_effect'), ('placebo_ci_low', 'placebo_ci_low'), ('placebo_ci_high', 'placebo_ci_high'),
        ) %}
        case when verdict <> 'insufficient_evidence' then {{ number }} end as {{ name }},
        {%- endfor %}
        n_treated_all,
        n_treated,
        n_control,
        coverage,
        case when is_level then 'matched_level' else 'matched_change' end as method,
        expected_side,
        verdict
    from judged
)

select * from final
