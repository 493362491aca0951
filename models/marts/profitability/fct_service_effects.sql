-- grain: one outcome and month-end
-- noqa: disable=LT02
with subject_rows as (
    select * from {{ ref('fct_service_effect_subjects') }}
),

subjects as (
    select
        outcome as outcome_key,
        month_end,
        stratum,
        customer_id as subject_id,
        is_treated,
        outcome_value as outcome,
        outcome_value as post_outcome,
        cast(null as decimal(18, 6)) as placebo_outcome
    from subject_rows
),

{{ stratified_effect('subjects', ['outcome_key', 'month_end']) }},

bases as (
    select
        outcome as outcome_key,
        month_end,
        sum(case when is_treated then opening_arr_amount else 0 end) as treated_arr_amount,
        sum(case when is_treated then service_cost_amount else 0 end) as treated_cost_amount
    from subject_rows
    group by outcome, month_end
),

judged as (
    select effects.*, {{ effect_verdict("'up'", has_placebo='false') }} as verdict
    from effects
    where effects.n_treated_all > 0
),

-- With too little evidence no number is shown.
final as (
    select
        judged.outcome_key as outcome,
        judged.month_end,
        {%- for number, name in (('raw_gap', 'raw_gap'), ('effect', 'adjusted_effect'), ('ci_low', 'ci_low'), ('ci_high', 'ci_high')) %}
        case when judged.verdict <> 'insufficient_evidence' then judged.{{ number }} end as {{ name }},
        {%- endfor %}
        judged.n_treated_all,
        judged.n_treated,
        judged.n_control,
        judged.coverage,
        judged.verdict,
        cast(bases.treated_arr_amount as decimal(18, 6)) as treated_arr_amount,
        cast(bases.treated_cost_amount as decimal(18, 6)) as treated_cost_amount
    from judged
    inner join bases on judged.outcome_key = bases.outcome_key and judged.month_end = bases.month_end
)

select * from final
