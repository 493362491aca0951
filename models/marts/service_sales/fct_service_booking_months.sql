-- grain: one month since the cost of selling services is known
with sale_lines as (
    select * from {{ ref('int_service_sale_lines') }}
),

costs as (
    select * from {{ ref('int_service_costs') }} where service_line = 'service_sales'
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

months as (
    select * from {{ ref('int_months') }}
),

selling as (
    select
        months.month_number,
        case when count({{ converted_amount(
            'costs.amount', '(case when costs.currency is null then cast(1 as decimal(18, 9)) else rates.rate end)'
        ) }}) = count(*) then sum({{ converted_amount(
            'costs.amount', '(case when costs.currency is null then cast(1 as decimal(18, 9)) else rates.rate end)'
        ) }}) end as selling_cost_amount
    from costs
    inner join months on costs.cost_month >= months.month_start and costs.cost_month <= months.month_end
    left join rates on costs.currency = rates.currency
    group by months.month_number
),

booked as (
    select
        months.month_number,
        count(*) as line_count,
        case when count(sale_lines.annual_amount) = count(*) then sum(sale_lines.annual_amount) end as booked_annual_amount
    from sale_lines
    inner join months on sale_lines.close_date >= months.month_start and sale_lines.close_date <= months.month_end
    group by months.month_number
),

first_cost as (
    select min(month_number) as month_number from selling
),

final as (
    select
        months.month_end,
        months.month_number,
        cast(selling.selling_cost_amount as decimal(18, 6)) as selling_cost_amount,
        cast(case when booked.month_number is null then 0 else booked.booked_annual_amount end as decimal(18, 6)) as booked_annual_amount,
        cast(coalesce(booked.line_count, 0) as integer) as booked_line_count,
        cast(months.is_provisional as boolean) as is_provisional
    from months
    inner join first_cost on months.month_number >= first_cost.month_number
    left join selling on months.month_number = selling.month_number
    left join booked on months.month_number = booked.month_number
)

select * from final
