-- grain: one customer and month-end in the first twenty-four months after its first revenue
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where first_revenue_date <= snapshot_date
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }} where adoption_rate is not null
),

completions as (
    select * from {{ ref('int_training_completions') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

trained as (
    select identity.customer_id, min(completions.completed_date) as trained_date
    from completions
    inner join identity on completions.account_key = identity.account_key
    group by identity.customer_id
),

taught as (
    select min(completed_date) as tracked_from_date from completions
),

adopted as (
    select
        customer_months.customer_id,
        min(customer_months.snapshot_date) as measured_date,
        min(case when adoption_months.adoption_rate >= 0.75 then customer_months.snapshot_date end) as adoption_date
    from customer_months
    inner join adoption_months
        on customer_months.customer_id = adoption_months.customer_id and customer_months.month_end = adoption_months.month_end
    group by customer_months.customer_id
),

-- The last day up to which the customer was there; whoever leaves before is looked at no longer.
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
        followed.first_revenue_date,
        followed.is_provisional,
        greatest(coalesce(followed.last_active_date, followed.first_revenue_date), followed.first_revenue_date) as last_active_date,
        case when adopted.adoption_date <= followed.snapshot_date then adopted.adoption_date end as adoption_date,
        -- Whose use was measured from the start: of others nobody knows when they got there.
        coalesce(adopted.measured_date <= {{ add_days('followed.first_revenue_date', 62) }}, false)
        and adopted.measured_date <= followed.snapshot_date as is_known,
        case
            when trained.trained_date <= least(followed.snapshot_date, {{ add_days('followed.first_revenue_date', 60) }}) then 'trained'
            when
                followed.snapshot_date >= {{ add_days('followed.first_revenue_date', 60) }}
                and taught.tracked_from_date <= followed.first_revenue_date
                then 'not_trained'
            else 'unknown'
        end as training
    from followed
    cross join taught
    left join trained on followed.customer_id = trained.customer_id
    left join adopted on followed.customer_id = adopted.customer_id
    where followed.first_revenue_date > {{ add_days(add_months(add_days('followed.month_end', 1), -24), -1) }}
),

final as (
    select
        customer_id,
        month_end,
        first_revenue_date,
        case when is_known then adoption_date end as adoption_date,
        cast(case when is_known then adoption_date is not null end as boolean) as is_adopted,
        cast(
            case
                when is_known
                    then greatest({{ dbt.datediff('first_revenue_date', 'coalesce(adoption_date, last_active_date)', 'day') }}, 0)
            end as integer
        ) as observed_days,
        training,
        is_provisional
    from started
)

select * from final
