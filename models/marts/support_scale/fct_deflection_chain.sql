-- grain: one period, dimension, member and step from visits to deflected cases
with demand_periods as (
    select * from {{ ref('fct_demand_periods') }} where visit_count > 0
),

steps as (
    select 1 as step_number, 'visits' as step
    union all
    select 2 as step_number, 'entitled' as step
    union all
    select 3 as step_number, 'answer_found' as step
    union all
    select 4 as step_number, 'case_intended' as step
    union all
    select 5 as step_number, 'deflected' as step
),

final as (
    select
        demand_periods.period_grain,
        demand_periods.period_end,
        demand_periods.dimension,
        demand_periods.member,
        cast(steps.step_number as integer) as step_number,
        steps.step,
        cast(
            case steps.step_number
                when 2 then round(cast(demand_periods.entitled_visit_count as double) / demand_periods.visit_count, 6)
                when 3 then demand_periods.success_rate
                when 4 then demand_periods.intent_rate
                when 5 then demand_periods.nothing_further_rate
            end as decimal(18, 6)
        ) as share_of_step_before,
        cast(
            case steps.step_number
                when 1 then demand_periods.visit_count
                when 2 then demand_periods.entitled_visit_count
                when 3
                    then round(
                        cast(demand_periods.entitled_visit_count as double) * demand_periods.found_visit_count
                        / nullif(demand_periods.answered_visit_count, 0), 6
                    )
                when 4
                    then round(
                        cast(demand_periods.entitled_visit_count as double) * demand_periods.found_visit_count
                        / nullif(demand_periods.answered_visit_count, 0)
                        * demand_periods.intended_visit_count / nullif(demand_periods.intent_answered_visit_count, 0), 6
                    )
                else demand_periods.deflected_visits
            end as decimal(18, 6)
        ) as visits,
        demand_periods.is_provisional
    from demand_periods
    cross join steps
)

select * from final
