-- grain: one objective of a success plan that was reached, with the first day of it
with objectives as (
    select * from {{ ref('int_success_objectives') }}
),

plans as (
    select * from {{ ref('int_success_plans') }} where not is_draft
),

measurements as (
    select * from {{ ref('int_objective_measurements') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

-- What was measured on the way from the baseline to the target, and what was said without measuring.
measured as (
    select
        objectives.objective_key,
        measurements.measured_date,
        measurements.percent_complete,
        case
            when objectives.target_value > objectives.baseline_value then measurements.measured_value >= objectives.target_value
            when objectives.target_value < objectives.baseline_value then measurements.measured_value <= objectives.target_value
        end as is_reached,
        objectives.is_closed and objectives.closed_date <= measurements.measured_date as is_after_closing
    from objectives
    inner join measurements on objectives.objective_key = measurements.objective_key
),

first_values as (
    select objective_key, min(measured_date) as measured_date
    from measured
    where is_reached is not null
    group by objective_key
),

said as (
    select objective_key, closed_date as said_date
    from objectives
    where outcome = 'won'

    union all

    select objective_key, measured_date as said_date
    from measured
    where percent_complete >= 100 and not coalesce(is_after_closing, false)
),

reached as (
    select objective_key, measured_date as reached_date
    from measured
    where is_reached

    union all

    -- What is measured speaks louder than what is said.
    select said.objective_key, said.said_date as reached_date
    from said
    left join first_values on said.objective_key = first_values.objective_key
    where first_values.measured_date is null or first_values.measured_date > said.said_date
),

final as (
    select
        objectives.objective_key,
        objectives.system,
        objectives.plan_key,
        identity.customer_id,
        min(reached.reached_date) as reached_date
    from reached
    inner join objectives on reached.objective_key = objectives.objective_key
    inner join plans on objectives.plan_key = plans.plan_key
    inner join identity on plans.account_key = identity.account_key
    cross join clock
    where reached.reached_date <= clock.as_of_date
    group by objectives.objective_key, objectives.system, objectives.plan_key, identity.customer_id
)

select * from final
