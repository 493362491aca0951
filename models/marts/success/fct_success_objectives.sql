-- grain: one objective and month-end at which its success plan is in scope
with plan_months as (
    select * from {{ ref('int_success_plan_months') }}
),

objectives as (
    select * from {{ ref('int_success_objectives') }}
),

measurements as (
    select * from {{ ref('int_objective_measurements') }}
),

in_scope as (
    select
        plan_months.customer_id,
        plan_months.month_end,
        plan_months.month_number,
        plan_months.month_start,
        plan_months.snapshot_date,
        plan_months.is_provisional,
        objectives.*,
        coalesce(objectives.is_closed and objectives.closed_date <= plan_months.snapshot_date, false) as is_closed_by_then,
        -- A measure from nowhere to nowhere tells nothing.
        coalesce(objectives.target_value <> objectives.baseline_value, false) as has_distance
    from plan_months
    inner join objectives
        on
            plan_months.plan_key = objectives.plan_key
            and coalesce(greatest(objectives.start_date, objectives.recorded_date) <= plan_months.snapshot_date, true)
),

-- What was measured last by then, and known by then.
known as (
    select
        in_scope.objective_key,
        in_scope.month_end,
        measurements.measured_value,
        measurements.percent_complete,
        row_number() over (
            partition by in_scope.objective_key, in_scope.month_end
            order by
                case when measurements.measured_value is null then 1 else 0 end asc,
                measurements.measured_date desc,
                measurements.measurement_key asc
        ) as value_place,
        row_number() over (
            partition by in_scope.objective_key, in_scope.month_end
            order by
                case when measurements.percent_complete is null then 1 else 0 end asc,
                measurements.measured_date desc,
                measurements.measurement_key asc
        ) as percent_place
    from in_scope
    inner join measurements
        on
            in_scope.objective_key = measurements.objective_key
            and greatest(measurements.measured_date, coalesce(measurements.recorded_date, measurements.measured_date))
            <= in_scope.snapshot_date
),

latest as (
    select
        objective_key,
        month_end,
        max(case when value_place = 1 then measured_value end) as measured_value,
        max(case when percent_place = 1 then percent_complete end) as percent_complete
    from known
    group by objective_key, month_end
),

attained as (
    select
        in_scope.*,
        latest.measured_value,
        case
            when in_scope.has_distance and latest.measured_value is not null
                then
                    cast(latest.measured_value - in_scope.baseline_value as double)
                    / nullif(cast(in_scope.target_value - in_scope.baseline_value as double), 0)
            when in_scope.is_closed_by_then and in_scope.outcome = 'won' then 1
            when in_scope.is_closed_by_then and in_scope.outcome = 'lost' then 0
            else cast(latest.percent_complete as double) / 100
        end as raw_attainment
    from in_scope
    left join latest on in_scope.objective_key = latest.objective_key and in_scope.month_end = latest.month_end
),

clamped as (
    select
        *,
        {% if var('objective_clamp') -%}
        cast(round(case when raw_attainment < 0 then 0 when raw_attainment > 1 then 1 else raw_attainment end, 6) as decimal(18, 6))
        {%- else -%}
        {{ try_cast_as('round(raw_attainment, 6)', 'decimal(18, 6)') }}
        {%- endif %} as attainment
    from attained
),

final as (
    select
        objective_key,
        plan_key,
        customer_id,
        month_end,
        month_number,
        -- A weight of nothing or less is none.
        cast(case when weight > 0 then weight else 1 end as decimal(18, 6)) as weight,
        attainment,
        cast(measured_value as decimal(18, 6)) as measured_value,
        cast(case when is_closed_by_then then outcome else 'open' end as {{ dbt.type_string() }}) as outcome,
        cast(coalesce(due_date <= snapshot_date, false) as boolean) as is_due,
        cast(coalesce(attainment >= 1, false) as boolean) as is_achieved,
        cast(has_distance and unit is not null as boolean) as is_measurable,
        cast(has_distance or has_success_criteria as boolean) as is_defined,
        cast(has_owner and has_resource and has_service as boolean) as is_resourced,
        cast(
            {{ "coalesce(due_date <= snapshot_date, false)" if var('success_plan_denominator') == 'due_to_date' else 'true' }} as boolean
        ) as is_counted,
        -- Missed for the first time in this month: given up, or past its day and neither reached nor closed.
        cast(
            coalesce(
                case
                    when due_date >= month_start and due_date <= snapshot_date
                        then
                            not coalesce(attainment >= 1, false)
                            and not (is_closed_by_then and (outcome = 'won' or closed_date < month_start))
                    when is_closed_by_then and outcome = 'lost' and closed_date >= month_start
                        then coalesce(due_date > snapshot_date, true)
                end, false
            ) as boolean
        ) as is_missed,
        coalesce(miss_reason, 'unknown') as miss_reason,
        is_provisional
    from clamped
)

select * from final
