-- grain: one customer and month-end in the first twelve months after its first revenue
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where first_revenue_date <= snapshot_date
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }} where adoption_rate is not null
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

engagements as (
    select * from {{ ref('int_distinct_engagements') }}
),

logged as (
    select * from {{ ref('int_engagements') }} where is_completed
),

objectives as (
    select * from {{ ref('int_objectives_reached') }}
),

plans as (
    select * from {{ ref('int_success_plans') }} where not is_draft
),

-- A system in which nobody ever noted a milestone, an onboarding or an objective that was reached tells of none: of its customers nothing
-- is known.
logs as (
    select
        system,
        min(engagement_date) as tracked_from_date,
        max(engagement_date) as tracked_until_date,
        max(case when is_value_milestone then 1 else 0 end) as milestone_flag,
        max(case when is_onboarding then 1 else 0 end) as onboarding_flag
    from logged
    group by system
),

telling as (
    select distinct system from objectives
),

plan_logs as (
    select plans.system, min(plans.start_date) as tracked_from_date
    from plans
    inner join telling on plans.system = telling.system
    group by plans.system
),

feeds as (
    select
        identity.customer_id,
        min(plan_logs.tracked_from_date) as objectives_from_date,
        min(case when logs.milestone_flag = 1 then logs.tracked_from_date end) as milestones_from_date,
        min(case when logs.onboarding_flag = 1 then logs.tracked_from_date end) as onboarding_from_date,
        max(case when logs.onboarding_flag = 1 then logs.tracked_until_date end) as onboarding_until_date
    from identity
    left join logs on identity.system = logs.system
    left join plan_logs on identity.system = plan_logs.system
    group by identity.customer_id
),

reached as (
    select customer_id, min(reached_date) as objective_date
    from objectives
    group by customer_id
),

firsts as (
    select
        customer_id,
        min(case when is_value_milestone then engagement_date end) as milestone_date,
        min(case when is_onboarding then engagement_date end) as onboarding_date
    from engagements
    group by customer_id
),

adopted as (
    select
        customer_months.customer_id,
        min(customer_months.snapshot_date) as measured_date,
        min(case when adoption_months.adoption_rate >= 0.5 then customer_months.snapshot_date end) as adoption_date
    from customer_months
    inner join adoption_months
        on customer_months.customer_id = adoption_months.customer_id and customer_months.month_end = adoption_months.month_end
    group by customer_months.customer_id
),

-- The last day up to which the customer was there; whoever leaves before any value is looked at no longer.
followed as (
    select
        *,
        max(case when is_active then snapshot_date end) over (
            partition by customer_id order by month_number asc rows between unbounded preceding and current row
        ) as last_active_date
    from customer_months
),

started as (
    select
        followed.customer_id,
        followed.month_end,
        followed.snapshot_date,
        followed.first_revenue_date,
        followed.is_provisional,
        greatest(coalesce(followed.last_active_date, followed.first_revenue_date), followed.first_revenue_date) as last_active_date,
        case when firsts.milestone_date <= followed.snapshot_date then firsts.milestone_date end as milestone_date,
        case when reached.objective_date <= followed.snapshot_date then reached.objective_date end as objective_date,
        case when adopted.adoption_date <= followed.snapshot_date then adopted.adoption_date end as adoption_date,
        coalesce(feeds.milestones_from_date <= followed.first_revenue_date, false)
        or coalesce(feeds.objectives_from_date <= followed.first_revenue_date, false)
        or coalesce(adopted.measured_date <= followed.snapshot_date, false) as is_known,
        case
            when firsts.onboarding_date <= least(followed.snapshot_date, {{ add_days('followed.first_revenue_date', 30) }})
                then 'engaged'
            when
                followed.snapshot_date >= {{ add_days('followed.first_revenue_date', 30) }}
                and feeds.onboarding_from_date <= followed.first_revenue_date
                and feeds.onboarding_until_date >= {{ add_days('followed.first_revenue_date', -1) }}
                then 'not_engaged'
            else 'unknown'
        end as onboarding_engaged
    from followed
    left join firsts on followed.customer_id = firsts.customer_id
    left join reached on followed.customer_id = reached.customer_id
    left join adopted on followed.customer_id = adopted.customer_id
    left join feeds on followed.customer_id = feeds.customer_id
    where followed.first_revenue_date > {{ add_days(add_months(add_days('followed.month_end', 1), -12), -1) }}
),

dated as (
    select
        *,
        {{ earliest_of(['milestone_date', 'objective_date', 'adoption_date']) }} as value_date
    from started
),

final as (
    select
        customer_id,
        month_end,
        first_revenue_date,
        case when is_known then value_date end as value_date,
        case
            when not is_known or value_date is null then null
            when value_date = milestone_date then 'milestone'
            when value_date = objective_date then 'objective'
            else 'adoption'
        end as value_source,
        cast(case when is_known then value_date is not null end as boolean) as is_value_reached,
        -- Value before the first revenue is value from the start.
        cast(
            case
                when is_known
                    then greatest({{ dbt.datediff('first_revenue_date', 'coalesce(value_date, last_active_date)', 'day') }}, 0)
            end as integer
        ) as observed_days,
        onboarding_engaged,
        is_provisional
    from dated
)

select * from final
