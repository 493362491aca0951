-- grain: one customer that invests in the product, and month-end
with returns as (
    select * from {{ ref('fct_customer_roi') }}
),

service_months as (
    select * from {{ ref('fct_service_months') }}
),

firsts as (
    select customer_id, min(month_end) as first_month_end
    from returns
    group by customer_id
),

-- Services held when it began: what it costs afterwards must not choose the band.
final as (
    select
        returns.customer_id,
        returns.month_end,
        case
            when service_months.has_service_contract then 'with_services'
            when not service_months.has_service_contract then 'without_services'
            else 'unknown'
        end as service_attach,
        returns.month_count,
        returns.investment_amount,
        returns.is_provisional
    from returns
    inner join firsts on returns.customer_id = firsts.customer_id
    left join service_months
        on returns.customer_id = service_months.customer_id and firsts.first_month_end = service_months.month_end
)

select * from final
