-- grain: one active customer and month-end
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

plans as (
    select * from {{ ref('fct_success_plans') }}
),

survey_months as (
    select * from {{ ref('fct_survey_months') }}
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }}
),

feeds as (
    select * from {{ ref('int_success_plan_feeds') }}
),

plan_months as (
    select
        customer_id,
        month_end,
        sum(realization_numerator) as realization_numerator,
        sum(realization_denominator) as realization_denominator,
        count(case when is_open then 1 end) as open_plan_count,
        count(case when is_open and defined_objective_count > 0 then 1 end) as defined_plan_count
    from plans
    group by customer_id, month_end
),

joined as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        customer_months.month_number,
        customer_months.tenure_band,
        plan_months.realization_numerator,
        plan_months.realization_denominator,
        cast(plan_months.realization_numerator as double) / cast(plan_months.realization_denominator as double) as realization_rate,
        case
            when plan_months.customer_id is not null then coalesce(plan_months.open_plan_count, 0)
            when feeds.told_from_date <= customer_months.snapshot_date then 0
        end as open_plan_count,
        coalesce(plan_months.defined_plan_count, 0) as defined_plan_count,
        survey_months.perception,
        coalesce(adoption_months.adoption_band, 'unknown') as adoption_band,
        customer_months.is_provisional
    from customer_months
    left join plan_months
        on customer_months.customer_id = plan_months.customer_id and customer_months.month_end = plan_months.month_end
    left join survey_months
        on customer_months.customer_id = survey_months.customer_id and customer_months.month_end = survey_months.month_end
    left join adoption_months
        on customer_months.customer_id = adoption_months.customer_id and customer_months.month_end = adoption_months.month_end
    left join feeds on customer_months.customer_id = feeds.customer_id
),

final as (
    select
        customer_id,
        month_end,
        month_number,
        tenure_band,
        cast(realization_numerator as decimal(18, 6)) as realization_numerator,
        cast(realization_denominator as decimal(18, 6)) as realization_denominator,
        cast(round(realization_rate, 6) as decimal(18, 6)) as realization_rate,
        case
            when realization_rate < {{ success_limits().mid_from }} then 'low'
            when realization_rate < {{ success_limits().high_from }} then 'mid'
            when realization_rate is not null then 'high'
            else 'unknown'
        end as success_band,
        perception,
        case
            when realization_rate < {{ success_limits().mid_from }} or perception = 'negative' then 'failing'
            when realization_rate is not null and perception is not null then 'succeeding'
            else 'unknown'
        end as success_state,
        adoption_band,
        cast(open_plan_count > 0 as boolean) as has_open_plan,
        cast(case when open_plan_count is not null then defined_plan_count > 0 end as boolean) as has_success_definition,
        is_provisional
    from joined
)

select * from final
