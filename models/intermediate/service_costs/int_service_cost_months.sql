-- grain: one service line and month, investments and other costs apart; selling services is no service
with costs as (
    select * from {{ ref('int_service_costs') }} where service_line <> 'service_sales'
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- Costs of no currency are in the reporting currency.
converted as (
    select
        costs.service_line,
        costs.is_investment,
        months.month_end,
        months.month_number,
        months.is_provisional,
        {{ converted_amount(
            'costs.amount', '(case when costs.currency is null then cast(1 as decimal(18, 9)) else rates.rate end)'
        ) }} as cost_amount
    from costs
    inner join months on costs.cost_month >= months.month_start and costs.cost_month <= months.month_end
    left join rates on costs.currency = rates.currency
),

final as (
    select
        service_line,
        month_end,
        is_investment,
        month_number,
        -- One amount that cannot be converted makes the sum unknown.
        cast(case when count(cost_amount) = count(*) then sum(cost_amount) end as decimal(18, 6)) as cost_amount,
        is_provisional
    from converted
    group by service_line, month_end, is_investment, month_number, is_provisional
)

select * from final
