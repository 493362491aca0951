-- grain: one customer and month with recurring revenue, revenue earned or service cost; `unallocated` has the cost that is nobody's
-- noqa: disable=LT02
with customer_months as (
    select * from {{ ref('fct_customer_months') }}
),

profit_months as (
    select * from {{ ref('fct_service_profit_months') }}
),

revenue_months as (
    select * from {{ ref('fct_recognised_revenue_months') }}
),

influenced as (
    select customer_id, month_end, sum(split_amount) as influenced_amount
    from {{ ref('fct_influenced_sales') }}
    where is_influenced
    group by customer_id, month_end
),

services as (
    select
        customer_id,
        month_end,
        sum(cost_amount) as cost_amount,
        {%- for line in ['support', 'success', 'education', 'professional_services'] %}
        sum(case when service_line = '{{ line }}' then revenue_amount else 0 end) as {{ line }}_revenue_amount,
        {%- endfor %}
        sum(revenue_amount) as service_revenue_amount,
        count(*) - count(revenue_amount) as unknown_revenue_count
    from profit_months
    group by customer_id, month_end
),

told as (
    select month_end, count(*) = count(cost_amount) as is_cost_told, count(cost_amount) > 0 as has_cost
    from profit_months
    group by month_end
),

revenue as (
    select customer_id, month_end, sum(amount) as revenue_amount, count(*) - count(amount) as unknown_count
    from revenue_months
    group by customer_id, month_end
),

told_revenue as (
    select distinct month_end from revenue_months
),

subjects as (
    select customer_id, month_end from customer_months where mrr_amount > 0
    union
    select customer_id, month_end from services
    union
    select customer_id, month_end from revenue
    union
    select customer_id, month_end from influenced
),

measured as (
    select
        subjects.customer_id,
        subjects.month_end,
        months.month_number,
        customer_months.tenure_band,
        case when customer_months.is_amount_known then customer_months.mrr_amount end as mrr_amount,
        case
            when told_revenue.month_end is not null and coalesce(revenue.unknown_count, 0) = 0 then coalesce(revenue.revenue_amount, 0)
        end as revenue_amount,
        case
            when told_revenue.month_end is not null and coalesce(services.unknown_revenue_count, 0) = 0
                then coalesce(services.service_revenue_amount, 0)
        end as service_revenue_amount,
        {%- for line in ['support', 'success', 'education', 'professional_services'] %}
        case
            when told_revenue.month_end is not null and coalesce(services.unknown_revenue_count, 0) = 0
                then coalesce(services.{{ line }}_revenue_amount, 0)
        end as {{ line }}_revenue_amount,
        {%- endfor %}
        -- A month counts where every line of it tells its cost: a line that does not makes the customer's unknown.
        case when told.is_cost_told and told.has_cost then coalesce(services.cost_amount, 0) end as service_cost_amount,
        coalesce(influenced.influenced_amount, 0) as influenced_amount,
        months.is_provisional
    from subjects
    inner join {{ ref('int_months') }} as months on subjects.month_end = months.month_end
    left join customer_months
        on subjects.customer_id = customer_months.customer_id and subjects.month_end = customer_months.month_end
    left join revenue on subjects.customer_id = revenue.customer_id and subjects.month_end = revenue.month_end
    left join services on subjects.customer_id = services.customer_id and subjects.month_end = services.month_end
    left join influenced on subjects.customer_id = influenced.customer_id and subjects.month_end = influenced.month_end
    left join told on subjects.month_end = told.month_end
    left join told_revenue on subjects.month_end = told_revenue.month_end
),

final as (
    select
        customer_id,
        month_end,
        month_number,
        coalesce(tenure_band, 'unknown') as tenure_band,
        cast(customer_id = 'unallocated' as boolean) as is_unallocated,
        cast(mrr_amount as decimal(18, 6)) as mrr_amount,
        cast(revenue_amount as decimal(18, 6)) as revenue_amount,
        cast(service_revenue_amount as decimal(18, 6)) as service_revenue_amount,
        {%- for line in ['support', 'success', 'education', 'professional_services'] %}
        cast({{ line }}_revenue_amount as decimal(18, 6)) as {{ line }}_revenue_amount,
        {%- endfor %}
        cast(service_cost_amount as decimal(18, 6)) as service_cost_amount,
        cast(influenced_amount as decimal(18, 6)) as influenced_amount,
        -- A benefit on record: services it paid for, or a sale that they had a hand in, within twelve months.
        cast(
            customer_id <> 'unallocated'
            and coalesce(sum(greatest(coalesce(service_revenue_amount, 0), 0) + coalesce(influenced_amount, 0)) over (
                partition by customer_id
                order by month_number asc
                range between 11 preceding and current row
            ), 0) > 0 as boolean
        ) as has_benefit,
        is_provisional
    from measured
)

select * from final
