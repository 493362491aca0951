-- grain: one closed support case in scope
with closed as (
    select * from {{ ref('fct_case_events') }} where event = 'closed'
),

cases as (
    select * from {{ ref('int_cases') }} where is_in_scope
),

accounts as (
    select * from {{ ref('int_accounts') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

hourly_rates as (
    select * from {{ ref('int_hourly_rates') }}
),

costs as (
    select * from {{ ref('int_service_cost_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

links as (
    select * from {{ ref('int_case_defects') }}
),

defects as (
    select * from {{ ref('int_defects') }} where is_bug
),

described as (
    select
        closed.*,
        cases.handle_role,
        coalesce(closed.case_reason, 'unknown') as known_reason,
        not coalesce(closed.is_automated, false) as is_assisted,
        -- A case has the region of its own account, else that of its customer.
        coalesce(accounts.region, customers.region) as region
    from closed
    inner join cases on closed.case_key = cases.case_key
    left join accounts on closed.account_key = accounts.account_key
    left join customers on closed.customer_id = customers.customer_id
),

-- How much work a reason is: its mean replies in the twelve months to the month, in units of the mean of all.
reply_months as (
    select known_reason, month_number, sum(reply_count) as reply_count, count(reply_count) as case_count
    from described
    where is_assisted
    group by known_reason, month_number
),

reply_years as (
    select
        reply_months.known_reason,
        months.month_number,
        sum(reply_months.reply_count) as reply_count,
        sum(reply_months.case_count) as case_count
    from months
    inner join reply_months
        on reply_months.month_number > months.month_number - 12 and reply_months.month_number <= months.month_number
    group by reply_months.known_reason, months.month_number
),

totals as (
    select month_number, sum(reply_count) as reply_count, sum(case_count) as case_count
    from reply_years
    group by month_number
),

weights as (
    select
        reply_years.known_reason,
        reply_years.month_number,
        cast(
            round(
                (cast(reply_years.reply_count as double) / nullif(reply_years.case_count, 0))
                / nullif(cast(totals.reply_count as double) / nullif(totals.case_count, 0), 0),
                6
            ) as decimal(18, 6)
        ) as effort_weight
    from reply_years
    inner join totals on reply_years.month_number = totals.month_number
),

weighted as (
    select
        described.*,
        -- Where nobody counted replies all cases are alike.
        case when described.is_assisted then coalesce(weights.effort_weight, 1) end as effort_weight
    from described
    left join weights
        on described.known_reason = weights.known_reason and described.month_number = weights.month_number
),

line_costs as (
    select month_end, case when count(cost_amount) = count(*) then sum(cost_amount) end as cost_amount
    from costs
    where service_line = 'support'
    group by month_end
),

month_weights as (
    select month_end, sum(effort_weight) as effort_weight
    from weighted
    group by month_end
),

unit_costs as (
    select
        line_costs.month_end,
        cast(line_costs.cost_amount as double) / nullif(cast(month_weights.effort_weight as double), 0) as unit_cost
    from line_costs
    inner join month_weights on line_costs.month_end = month_weights.month_end
),

-- What Development worked on a bug is shared by the cases linked to it.
linked as (
    select
        links.case_key,
        defects.engineering_minutes,
        count(*) over (partition by links.defect_key) as case_count
    from links
    inner join cases on links.case_key = cases.case_key
    inner join defects on links.defect_key = defects.defect_key
),

engineering as (
    select
        case_key,
        cast(
            sum(cast(round(cast(engineering_minutes as double) / case_count, 6) as decimal(18, 6))) as decimal(18, 6)
        ) as engineering_minutes
    from linked
    group by case_key
),

-- The rate of the region comes before the one of all regions.
priced as (
    select
        weighted.*,
        coalesce(regional.hourly_amount, general.hourly_amount) as hourly_amount,
        engineering.engineering_minutes,
        engineers.hourly_amount as engineering_hourly_amount,
        unit_costs.unit_cost
    from weighted
    left join hourly_rates as regional
        on
            weighted.handle_role = regional.role
            and weighted.region = regional.region
            and weighted.event_date >= regional.valid_from_date
            and (regional.next_from_date is null or weighted.event_date < regional.next_from_date)
    left join hourly_rates as general
        on
            weighted.handle_role = general.role
            and general.region = 'all'
            and weighted.event_date >= general.valid_from_date
            and (general.next_from_date is null or weighted.event_date < general.next_from_date)
    left join hourly_rates as engineers
        on
            engineers.role = 'engineering'
            and engineers.region = 'all'
            and weighted.event_date >= engineers.valid_from_date
            and (engineers.next_from_date is null or weighted.event_date < engineers.next_from_date)
    left join engineering on weighted.case_key = engineering.case_key
    left join unit_costs on weighted.month_end = unit_costs.month_end
),

costed as (
    select
        *,
        cast(
            case
                when handle_minutes is not null and hourly_amount is not null
                    then round(cast(handle_minutes as double) * cast(hourly_amount as double) / 60, 6)
                -- Nobody worked on what was closed without an agent.
                when not is_assisted then 0
                else round(cast(effort_weight as double) * unit_cost, 6)
            end as decimal(18, 6)
        ) as cost_amount,
        case
            when (handle_minutes is not null and hourly_amount is not null) or not is_assisted then 'measured'
            when unit_cost is not null then 'allocated'
        end as cost_basis,
        cast(
            round(cast(engineering_minutes as double) * cast(engineering_hourly_amount as double) / 60, 6) as decimal(18, 6)
        ) as engineering_amount
    from priced
),

final as (
    select
        case_key,
        event_date as closed_date,
        month_end,
        month_number,
        customer_id,
        region as case_region,
        case_reason,
        is_assisted,
        handle_minutes,
        hourly_amount,
        effort_weight,
        cost_amount,
        cost_basis,
        engineering_minutes,
        engineering_amount,
        cast(
            cost_amount{{ ' + coalesce(engineering_amount, 0)' if var('include_engineering_cost') }} as decimal(18, 6)
        ) as total_amount
    from costed
)

select * from final
