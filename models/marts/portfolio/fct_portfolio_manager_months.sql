-- grain: one portfolio manager and month-end
-- noqa: disable=LT02
with managers as (
    select * from {{ ref('int_portfolio_managers') }}
),

goals as (
    select * from {{ ref('int_portfolio_goals') }}
),

offer_months as (
    select * from {{ ref('fct_portfolio_offer_months') }} where manager_id is not null
),

attributes as (
    select * from {{ ref('int_offer_attributes') }} where attribute = 'attaches_to_family'
),

months as (
    select * from {{ ref('int_months') }}
),

present as (
    select
        managers.manager_id,
        months.month_end,
        months.month_number,
        months.month_start,
        months.is_provisional,
        sum(managers.fte) as fte
    from managers
    inner join months
        on
            managers.valid_from <= months.snapshot_date
            and (managers.valid_until is null or managers.valid_until > months.snapshot_date)
    group by managers.manager_id, months.month_end, months.month_number, months.month_start, months.is_provisional
),

managed as (
    select
        manager_id,
        month_end,
        count(case when is_active then 1 end) as offer_count,
        case when count(*) = count(revenue_t12m_amount) then sum(revenue_t12m_amount) end as revenue_t12m_amount
    from offer_months
    group by manager_id, month_end
),

families as (
    select offer_months.manager_id, offer_months.month_end, count(distinct attributes.attribute_value) as family_count
    from offer_months
    inner join attributes
        on
            offer_months.offer_id = attributes.offer_id
            and (attributes.valid_from_date is null or attributes.valid_from_date <= offer_months.month_end)
            and (attributes.valid_until_date is null or attributes.valid_until_date > offer_months.month_end)
    where offer_months.is_active
    group by offer_months.manager_id, offer_months.month_end
),

-- Regions of the customers that paid for the manager's offers within twelve months.
sold as (
    select distinct
        offers.manager_id,
        revenue.month_number,
        coalesce(customers.region, 'unknown') as region
    from {{ ref('fct_recognised_revenue_months') }} as revenue
    inner join {{ ref('dim_service_offers') }} as offers on revenue.offer_id = offers.offer_id
    left join {{ ref('dim_customers') }} as customers on revenue.customer_id = customers.customer_id
    where revenue.amount > 0 and offers.manager_id is not null
),

regions as (
    select present.manager_id, present.month_end, count(distinct sold.region) as region_count
    from present
    inner join sold
        on
            present.manager_id = sold.manager_id
            and sold.month_number > present.month_number - 12
            and sold.month_number <= present.month_number
    where sold.region <> 'unknown'
    group by present.manager_id, present.month_end
),

set_goals as (
    select
        present.manager_id,
        present.month_end,
        count(distinct goals.goal) as goal_count
    from present
    inner join goals
        on
            present.manager_id = goals.manager_id
            and goals.month_start > {{ add_months('present.month_start', -12) }}
            and goals.month_start <= present.month_start
    group by present.manager_id, present.month_end
),

final as (
    select
        present.manager_id,
        present.month_end,
        present.month_number,
        cast(present.fte as decimal(18, 6)) as fte,
        cast(coalesce(managed.offer_count, 0) as integer) as offer_count,
        cast(coalesce(families.family_count, 0) as integer) as family_count,
        cast(coalesce(regions.region_count, 0) as integer) as region_count,
        cast(case when managed.manager_id is null then 0 else managed.revenue_t12m_amount end as decimal(18, 6)) as revenue_t12m_amount,
        cast(coalesce(set_goals.goal_count, 0) = 2 as boolean) as has_both_goals,
        present.is_provisional
    from present
    left join managed on present.manager_id = managed.manager_id and present.month_end = managed.month_end
    left join families on present.manager_id = families.manager_id and present.month_end = families.month_end
    left join regions on present.manager_id = regions.manager_id and present.month_end = regions.month_end
    left join set_goals on present.manager_id = set_goals.manager_id and present.month_end = set_goals.month_end
)

select * from final
