-- grain: one first attempt at an assessment, one training, or one customer that started
-- noqa: disable=LT02
with assessments as (
    select * from {{ ref('int_assessments') }}
),

completions as (
    select * from {{ ref('int_training_completions') }}
),

steps as (
    select * from {{ ref('int_learning_steps') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

customers as (
    select customer_id, min(first_revenue_date) as first_revenue_date
    from {{ ref('fct_customer_months') }}
    where is_active
    group by customer_id
),

months as (
    select * from {{ ref('int_months') }}
),

attempts as (
    select
        *,
        row_number() over (partition by learner_key, skill_key order by assessed_at asc, assessment_key asc) as attempt_number
    from assessments
    where learner_key is not null
),

done as (
    select identity.customer_id, 'assessment' as done_kind, assessments.assessed_date as done_date
    from assessments
    inner join identity on assessments.account_key = identity.account_key

    union all

    select identity.customer_id, steps.step_type as done_kind, steps.step_date as done_date
    from steps
    inner join identity on steps.account_key = identity.account_key
    where steps.step_type in ('skills_inventory', 'training_plan')
),

-- What no system ever told of is not known to be missing.
begun as (
    select
        min(case when done_kind = 'assessment' then done_date end) as assessment_date,
        min(case when done_kind = 'skills_inventory' then done_date end) as skills_inventory_date,
        min(case when done_kind = 'training_plan' then done_date end) as training_plan_date
    from done
),

-- Sixty days from the first revenue on; what was done before it counts, too.
onboarded as (
    select
        customers.customer_id,
        customers.first_revenue_date,
        {%- for kind in ('assessment', 'skills_inventory', 'training_plan') %}
        max(case when done.done_kind = '{{ kind }}' then 1 else 0 end) as {{ kind }}_flag{{ ',' if not loop.last }}
        {%- endfor %}
    from customers
    left join done
        on customers.customer_id = done.customer_id and done.done_date <= {{ add_days('customers.first_revenue_date', 60) }}
    group by customers.customer_id, customers.first_revenue_date
),

events as (
    select
        attempts.assessment_key as event_key,
        'assessed' as event,
        attempts.account_key,
        cast(null as {{ dbt.type_string() }}) as started_customer_id,
        attempts.assessed_date as event_date,
        attempts.is_passed,
        cast(null as decimal(18, 6)) as rating,
        cast(null as boolean) as has_assessment,
        cast(null as boolean) as has_skills_inventory,
        cast(null as boolean) as has_training_plan
    from attempts
    where attempts.attempt_number = 1

    union all

    select
        completion_key as event_key,
        'trained' as event,
        account_key,
        cast(null as {{ dbt.type_string() }}) as started_customer_id,
        completed_date as event_date,
        cast(null as boolean) as is_passed,
        rating,
        cast(null as boolean) as has_assessment,
        cast(null as boolean) as has_skills_inventory,
        cast(null as boolean) as has_training_plan
    from completions

    union all

    select
        onboarded.customer_id as event_key,
        'started' as event,
        cast(null as {{ dbt.type_string() }}) as account_key,
        onboarded.customer_id as started_customer_id,
        onboarded.first_revenue_date as event_date,
        cast(null as boolean) as is_passed,
        cast(null as decimal(18, 6)) as rating,
        {%- for kind in ('assessment', 'skills_inventory', 'training_plan') %}
        case
            when begun.{{ kind }}_date <= {{ add_days('onboarded.first_revenue_date', 60) }} then onboarded.{{ kind }}_flag = 1
        end as has_{{ kind }}{{ ',' if not loop.last }}
        {%- endfor %}
    from onboarded
    cross join begun
),

final as (
    select
        events.event_key,
        events.event,
        coalesce(events.started_customer_id, identity.customer_id, 'unknown') as customer_id,
        events.event_date,
        months.month_end,
        months.month_number,
        cast(events.is_passed as boolean) as is_passed,
        cast(events.rating as decimal(18, 6)) as rating,
        cast(events.has_assessment as boolean) as has_assessment,
        cast(events.has_skills_inventory as boolean) as has_skills_inventory,
        cast(events.has_training_plan as boolean) as has_training_plan,
        months.is_provisional
    from events
    inner join months on events.event_date >= months.month_start and events.event_date <= months.snapshot_date
    left join identity on events.account_key = identity.account_key
)

select * from final
