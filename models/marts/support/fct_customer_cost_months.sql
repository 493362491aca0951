-- grain: one customer and month with service cost or with a closed case
with customer_costs as (
    select * from {{ ref('fct_customer_costs') }}
),

case_costs as (
    select * from {{ ref('fct_case_costs') }}
),

costs as (
    select
        customer_id,
        month_end,
        month_number,
        case when count(cost_amount) = count(*) then sum(cost_amount) end as service_cost_amount,
        case
            when
                count(case when service_line = 'support' then 1 end) > 0
                and count(case when service_line = 'support' and cost_amount is null then 1 end) = 0
                then sum(case when service_line = 'support' then cost_amount end)
        end as support_cost_amount
    from customer_costs
    group by customer_id, month_end, month_number
),

cases as (
    select
        -- As for their cost: who asked is not known.
        case when customer_id = 'unknown' then 'unallocated' else customer_id end as customer_id,
        month_end,
        month_number,
        count(*) as closed_case_count,
        count(case when is_assisted then 1 end) as assisted_case_count,
        count(case when case_reason is not null and (case_reason <> 'defect' or cost_amount is not null) then 1 end) as known_case_count,
        sum(case when case_reason = 'defect' then cost_amount end) as defect_cost_amount
    from case_costs
    group by case when customer_id = 'unknown' then 'unallocated' else customer_id end, month_end, month_number
),

-- What the whole company tells of a month: a customer without a share costs nothing, if there is a cost to share.
told as (
    select
        month_end,
        max(case when service_line = 'support' then 1 else 0 end) = 1 as is_support_told,
        count(cost_amount) = count(*) as is_cost_known,
        count(case when service_line = 'support' and cost_amount is null then 1 end) = 0 as is_support_known
    from customer_costs
    group by month_end
),

subjects as (
    select customer_id, month_end, month_number from costs
    union
    select customer_id, month_end, month_number from cases
),

final as (
    select
        subjects.customer_id,
        subjects.month_end,
        subjects.month_number,
        cast(case when told.is_cost_known then coalesce(costs.service_cost_amount, 0) end as decimal(18, 6)) as service_cost_amount,
        cast(
            case when told.is_support_told and told.is_support_known then coalesce(costs.support_cost_amount, 0) end as decimal(18, 6)
        ) as support_cost_amount,
        cast(coalesce(cases.closed_case_count, 0) as bigint) as closed_case_count,
        cast(coalesce(cases.assisted_case_count, 0) as bigint) as assisted_case_count,
        cast(coalesce(cases.known_case_count, 0) as bigint) as known_case_count,
        cast(coalesce(cases.defect_cost_amount, 0) as decimal(18, 6)) as defect_cost_amount
    from subjects
    left join costs on subjects.customer_id = costs.customer_id and subjects.month_end = costs.month_end
    left join cases on subjects.customer_id = cases.customer_id and subjects.month_end = cases.month_end
    left join told on subjects.month_end = told.month_end
)

select * from final
