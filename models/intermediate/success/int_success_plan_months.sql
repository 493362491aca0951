-- grain: one success plan and month-end at which it is in scope
with plans as (
    select * from {{ ref('int_success_plans') }} where not is_draft
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- A plan counts from the day on which both it and its record were there. One that was closed stays for twelve months: else every plan
-- that is fulfilled would leave on the day it succeeds. One that was closed on an unknown day is not known to have been open.
final as (
    select
        plans.plan_key,
        identity.customer_id,
        months.month_end,
        months.month_number,
        months.month_start,
        months.snapshot_date,
        not plans.is_closed or plans.closed_date > months.snapshot_date as is_open,
        case when plans.is_agreement_told then coalesce(plans.agreed_date <= months.snapshot_date, false) end as is_agreed,
        months.is_provisional
    from plans
    inner join identity on plans.account_key = identity.account_key
    inner join months
        on
            greatest(plans.start_date, coalesce(plans.recorded_date, plans.start_date)) <= months.snapshot_date
            and (not plans.is_closed or plans.closed_date >= {{ add_months('months.month_start', -11) }})
)

select * from final
