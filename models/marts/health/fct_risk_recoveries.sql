-- grain: one customer and month-end two months after one at which it was at risk
with earlier_months as (
    select * from {{ ref('fct_health_months') }} where risk_class in ('defecting', 'reducing')
),

health_months as (
    select * from {{ ref('fct_health_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- Who is no customer any more has not recovered; of whom nothing is known now, nobody can tell.
final as (
    select
        earlier_months.customer_id,
        months.month_end,
        earlier_months.risk_class as earlier_risk_class,
        health_months.risk_class,
        cast(
            case
                when health_months.risk_class = 'unknown' then null
                else coalesce(health_months.risk_class = 'healthy', false)
            end as boolean
        ) as is_recovered,
        months.is_provisional
    from earlier_months
    inner join months on earlier_months.month_number + 2 = months.month_number
    left join health_months
        on earlier_months.customer_id = health_months.customer_id and months.month_end = health_months.month_end
)

select * from final
