-- grain: one portfolio manager, goal and month
-- noqa: disable=LT02
with goals as (
    select * from {{ ref('int_portfolio_goals') }}
),

lines as (
    select * from {{ ref('int_opportunity_lines') }}
),

opportunities as (
    select * from {{ ref('int_opportunities') }} where is_won
),

sold_as as (
    select * from {{ ref('int_offer_products') }}
),

offers as (
    select * from {{ ref('dim_service_offers') }} where manager_id is not null
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

months as (
    select * from {{ ref('int_months') }}
),

booked as (
    select
        offers.manager_id,
        case when opportunities.opportunity_type = 'renewal' then 'renewal' else 'sale' end as goal,
        months.month_end,
        {{ converted_amount(
            'lines.annual_amount', '(case when lines.currency is null then cast(1 as decimal(18, 9)) else rates.rate end)'
        ) }} as annual_amount
    from lines
    inner join opportunities on lines.opportunity_key = opportunities.opportunity_key
    inner join months
        on opportunities.close_date >= months.month_start and opportunities.close_date <= months.snapshot_date
    left join sold_as on lines.product_key = sold_as.product_key
    inner join offers on coalesce(lines.offer_id, sold_as.offer_id) = offers.offer_id
    left join rates on lines.currency = rates.currency
),

actuals as (
    select
        manager_id,
        goal,
        month_end,
        case when count(*) = count(annual_amount) then sum(annual_amount) end as actual_amount,
        count(*) as line_count
    from booked
    group by manager_id, goal, month_end
),

final as (
    select
        goals.manager_id,
        goals.goal,
        months.month_end,
        months.month_number,
        concat(goals.manager_id, '|', goals.goal, '|', cast(months.month_end as {{ dbt.type_string() }})) as goal_key,
        cast(
            {{ converted_amount(
                'goals.target_amount', '(case when goals.currency is null then cast(1 as decimal(18, 9)) else rates.rate end)'
            ) }} as decimal(18, 6)
        ) as target_amount,
        cast(case when actuals.line_count is null then 0 else actuals.actual_amount end as decimal(18, 6)) as actual_amount,
        months.is_provisional
    from goals
    inner join months on goals.month_start = months.month_start
    left join rates on goals.currency = rates.currency
    left join actuals
        on goals.manager_id = actuals.manager_id and goals.goal = actuals.goal and months.month_end = actuals.month_end
)

select * from final
