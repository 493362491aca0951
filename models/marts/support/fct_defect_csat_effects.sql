-- grain: one period (year or trailing twelve months)
-- noqa: disable=LT02
with rated_cases as (
    select * from {{ ref('fct_rated_cases') }}
),

-- A defect case without a stratum is treated, but not matched.
subjects as (
    select
        period_grain,
        period_end,
        is_provisional,
        coalesce(stratum, 'unknown') as stratum,
        case_key as subject_id,
        is_defect as is_treated,
        case when stratum is not null then case when is_satisfied then 1 else 0 end end as outcome,
        case when is_satisfied then 1 else 0 end as post_outcome,
        cast(null as integer) as placebo_outcome
    from rated_cases
    where case_reason is not null
),

{{ stratified_effect('subjects', ['period_grain', 'period_end', 'is_provisional']) }},

judged as (
    select *, {{ effect_verdict("'down'", has_placebo='false') }} as verdict
    from effects
    where n_treated_all > 0
),

-- With too little evidence no number is shown.
final as (
    select
        period_grain,
        period_end,
        {%- for number, name in (('raw_gap', 'raw_gap'), ('effect', 'adjusted_effect'), ('ci_low', 'ci_low'), ('ci_high', 'ci_high')) %}
        case when verdict <> 'insufficient_evidence' then {{ number }} end as {{ name }},
        {%- endfor %}
        n_treated_all,
        n_treated,
        n_control,
        coverage,
        verdict,
        is_provisional
    from judged
)

select * from final
