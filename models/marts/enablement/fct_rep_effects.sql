-- grain: one effect of the competency of reps and period (year or trailing twelve months)
-- noqa: disable=LT02
with deals as (
    select * from {{ ref('fct_rep_deals') }} where is_qualified is not null and is_success is not null
),

expansions as (
    select * from {{ ref('fct_rep_expansions') }} where is_qualified is not null and opening_amount > 0
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain in ('t12m', 'year') and is_opening_known and not is_provisional
),

-- Deals of a segment are compared within the period; those of one rep are taken as independent.
subjects as (
    select
        case deals.event when 'sale' then 'attach_by_rep_competency' else 'renewal_by_rep_competency' end as metric_key,
        periods.period_grain,
        periods.period_end,
        deals.segment as stratum,
        deals.deal_key as subject_id,
        deals.is_qualified as is_treated,
        cast(case when deals.is_success then 1 else 0 end as double) as outcome,
        cast(case when deals.is_success then 1 else 0 end as double) as post_outcome,
        cast(null as double) as placebo_outcome
    from deals
    inner join periods
        on deals.month_number > periods.opening_month_number and deals.month_number <= periods.closing_month_number

    union all

    -- Small beginnings may grow tenfold: growth counts up to a doubling.
    select
        'expansion_by_rep_competency' as metric_key,
        expansions.period_grain,
        expansions.period_end,
        expansions.segment as stratum,
        expansions.customer_id as subject_id,
        expansions.is_qualified as is_treated,
        least(cast(expansions.expansion_amount as double) / cast(expansions.opening_amount as double), 1) as outcome,
        least(cast(expansions.expansion_amount as double) / cast(expansions.opening_amount as double), 1) as post_outcome,
        cast(null as double) as placebo_outcome
    from expansions
    inner join periods on expansions.period_grain = periods.period_grain and expansions.period_end = periods.period_end
),

{{ stratified_effect('subjects', ['metric_key', 'period_grain', 'period_end']) }},

judged as (
    select
        *,
        {{ effect_verdict("'up'", has_placebo='false') }} as verdict
    from effects
    where n_treated_all > 0
),

-- With too little evidence no number is shown.
final as (
    select
        metric_key,
        'all' as dimension,
        'all' as member,
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
        'matched_level' as method,
        'up' as expected_side,
        verdict
    from judged
)

select * from final
