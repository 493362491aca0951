-- grain: one success plan and month-end at which it is in scope
with plan_months as (
    select * from {{ ref('int_success_plan_months') }}
),

objectives as (
    select * from {{ ref('fct_success_objectives') }}
),

summed as (
    select
        plan_key,
        month_end,
        count(*) as objective_count,
        count(attainment) as known_objective_count,
        count(case when is_counted then 1 end) as counted_objective_count,
        count(case when is_counted then attainment end) as known_counted_objective_count,
        count(case when is_achieved then 1 end) as achieved_objective_count,
        count(case when is_measurable then 1 end) as measurable_objective_count,
        count(case when is_defined then 1 end) as defined_objective_count,
        count(is_resourced) as known_resource_count,
        count(case when is_resourced then 1 end) as resourced_objective_count,
        sum(case when is_counted and attainment is not null then weight * attainment end) as realization_numerator,
        sum(case when is_counted and attainment is not null then weight end) as realization_denominator,
        sum(case when is_counted and attainment is not null then weight * (attainment - case when is_due then 1 else 0 end) end)
            as variance_numerator
    from objectives
    group by plan_key, month_end
),

final as (
    select
        plan_months.plan_key,
        plan_months.customer_id,
        plan_months.month_end,
        plan_months.month_number,
        cast(plan_months.is_open as boolean) as is_open,
        cast(plan_months.is_agreed as boolean) as is_agreed,
        {%- for column in (
            'objective_count', 'known_objective_count', 'counted_objective_count', 'known_counted_objective_count',
            'achieved_objective_count', 'measurable_objective_count', 'defined_objective_count', 'known_resource_count',
            'resourced_objective_count',
        ) %}
        cast(coalesce(summed.{{ column }}, 0) as integer) as {{ column }},
        {%- endfor %}
        cast(round(summed.realization_numerator, 6) as decimal(18, 6)) as realization_numerator,
        cast(round(summed.realization_denominator, 6) as decimal(18, 6)) as realization_denominator,
        cast(
            round(cast(summed.realization_numerator as double) / cast(summed.realization_denominator as double), 6) as decimal(18, 6)
        ) as realization_rate,
        cast(round(summed.variance_numerator, 6) as decimal(18, 6)) as variance_numerator,
        plan_months.is_provisional
    from plan_months
    left join summed on plan_months.plan_key = summed.plan_key and plan_months.month_end = summed.month_end
)

select * from final
