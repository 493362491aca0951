-- grain: one customer, service line and month, investments and other costs apart
with costs as (
    select * from {{ ref('int_service_cost_months') }}
),

case_costs as (
    select * from {{ ref('fct_case_costs') }}
),

engagements as (
    select * from {{ ref('int_distinct_engagements') }} where is_two_way
),

engagement_lines as (
    select * from {{ ref('service_line_engagements') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- One measure of effort for all cases of a month: where minutes are tracked, a case without them counts as much as tracked ones of
-- its weight, and not with a part of the whole line.
case_units as (
    select
        month_end,
        cast(sum(case when cost_basis = 'measured' then cost_amount end) as double)
        / nullif(cast(sum(case when cost_basis = 'measured' then effort_weight end) as double), 0) as unit_cost
    from case_costs
    where is_assisted
    group by month_end
),

case_efforts as (
    select
        case_costs.month_end,
        case_costs.customer_id,
        case
            when case_costs.cost_basis = 'measured' then case_costs.cost_amount
            else cast(round(cast(case_costs.effort_weight as double) * coalesce(case_units.unit_cost, 1), 6) as decimal(18, 6))
        end as effort_quantity
    from case_costs
    inner join case_units on case_costs.month_end = case_units.month_end
),

worked as (
    select deliveries.service_line, months.month_end, identity.customer_id, sum(deliveries.hours) as worked_hours
    from {{ ref('int_service_deliveries') }} as deliveries
    inner join {{ ref('int_customer_identity') }} as identity on deliveries.account_key = identity.account_key
    inner join months
        on deliveries.delivered_date >= months.month_start and deliveries.delivered_date <= months.month_end
    where deliveries.hours > 0 and deliveries.service_line <> 'support'
    group by deliveries.service_line, months.month_end, identity.customer_id
),

worked_lines as (
    select distinct service_line, month_end from worked
),

-- Support follows what cases cost, a line of which hours are tracked these hours, another its own two-way engagements.
drivers as (
    select
        'support' as service_line,
        month_end,
        customer_id,
        'case_effort' as cost_driver,
        sum(effort_quantity) as driver_quantity
    from case_efforts
    where effort_quantity > 0
    group by month_end, customer_id

    union all

    select
        service_line,
        month_end,
        customer_id,
        'delivered_hours' as cost_driver,
        cast(worked_hours as decimal(18, 6)) as driver_quantity
    from worked

    union all

    select
        engagement_lines.service_line,
        months.month_end,
        engagements.customer_id,
        'engagements' as cost_driver,
        cast(count(*) as decimal(18, 6)) as driver_quantity
    from engagements
    inner join engagement_lines on engagements.engagement_type = engagement_lines.engagement_type
    inner join months
        on engagements.engagement_date >= months.month_start and engagements.engagement_date <= months.month_end
    left join worked_lines
        on engagement_lines.service_line = worked_lines.service_line and months.month_end = worked_lines.month_end
    where worked_lines.service_line is null
    group by engagement_lines.service_line, months.month_end, engagements.customer_id
),

shares as (
    select
        *,
        sum(driver_quantity) over (partition by service_line, month_end) as line_quantity
    from drivers
),

-- Cases that name no customer have their share, but it is nobody's.
allocated as (
    select
        costs.month_end,
        costs.month_number,
        costs.service_line,
        costs.is_investment,
        shares.customer_id,
        shares.cost_driver,
        shares.driver_quantity,
        cast(
            round(cast(costs.cost_amount as double) * cast(shares.driver_quantity as double) / cast(shares.line_quantity as double), 6)
            as decimal(18, 6)
        ) as cost_amount,
        costs.is_provisional
    from costs
    inner join shares on costs.service_line = shares.service_line and costs.month_end = shares.month_end
    where shares.customer_id <> 'unknown'
),

allocated_sums as (
    select month_end, service_line, is_investment, sum(cost_amount) as cost_amount
    from allocated
    group by month_end, service_line, is_investment
),

-- The rest, to the last digit: what has no driver, what is nobody's, and what rounding leaves.
unallocated as (
    select
        costs.month_end,
        costs.month_number,
        costs.service_line,
        costs.is_investment,
        'unallocated' as customer_id,
        cast(null as {{ dbt.type_string() }}) as cost_driver,
        cast(null as decimal(18, 6)) as driver_quantity,
        cast(costs.cost_amount - coalesce(allocated_sums.cost_amount, 0) as decimal(18, 6)) as cost_amount,
        costs.is_provisional
    from costs
    left join allocated_sums
        on
            costs.month_end = allocated_sums.month_end
            and costs.service_line = allocated_sums.service_line
            and costs.is_investment = allocated_sums.is_investment
),

final as (
    select
        customer_id,
        month_end,
        service_line,
        is_investment,
        month_number,
        cost_driver,
        cast(driver_quantity as decimal(18, 6)) as driver_quantity,
        cost_amount,
        is_provisional
    from allocated

    union all

    select
        customer_id,
        month_end,
        service_line,
        is_investment,
        month_number,
        cost_driver,
        driver_quantity,
        cost_amount,
        is_provisional
    from unallocated
)

select * from final
