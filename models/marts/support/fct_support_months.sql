-- grain: one customer and month, from the first month with a case
with case_events as (
    select * from {{ ref('fct_case_events') }} where event = 'opened'
),

customer_months as (
    select * from {{ ref('fct_customer_months') }}
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- Before the first case of all nobody counted.
begun as (
    select min(month_number) as first_month_number from case_events
),

opened as (
    select customer_id, month_end, cast(count(*) as bigint) as opened_case_count
    from case_events
    group by customer_id, month_end
),

-- Customers of the month, and whoever else opened a case.
subjects as (
    select customer_months.customer_id, customer_months.month_end
    from customer_months
    where customer_months.is_active
    union
    select customer_id, month_end from opened
),

final as (
    select
        subjects.customer_id,
        subjects.month_end,
        months.month_number,
        coalesce(opened.opened_case_count, 0) as opened_case_count,
        cast(case when customer_months.is_active then 1 else 0 end as bigint) as active_month_count,
        case when adoption_months.active_user_count is not null then coalesce(opened.opened_case_count, 0) end as user_case_count,
        cast(adoption_months.active_user_count as bigint) as active_user_count,
        cast(
            case when customer_months.customer_id is null then 0 when customer_months.is_amount_known then customer_months.arr_amount end
            as decimal(18, 6)
        ) as arr_amount,
        case
            when customer_months.customer_id is null or customer_months.is_amount_known then coalesce(opened.opened_case_count, 0)
        end as arr_case_count
    from subjects
    inner join months on subjects.month_end = months.month_end
    inner join begun on months.month_number >= begun.first_month_number
    left join opened on subjects.customer_id = opened.customer_id and subjects.month_end = opened.month_end
    left join customer_months
        on subjects.customer_id = customer_months.customer_id and subjects.month_end = customer_months.month_end
    left join adoption_months
        on subjects.customer_id = adoption_months.customer_id and subjects.month_end = adoption_months.month_end
)

select * from final
