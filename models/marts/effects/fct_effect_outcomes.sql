-- grain: one outcome, customer and month-end at which the customer has it
with adoption_months as (
    select * from {{ ref('fct_adoption_months') }} where sold_quantity is not null
),

support_months as (
    select * from {{ ref('fct_support_months') }} where active_user_count is not null
),

case_events as (
    select * from {{ ref('fct_case_events') }} where event = 'opened' and case_reason = 'how_to'
),

customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_amount_known
),

success_months as (
    select * from {{ ref('fct_success_months') }} where realization_rate is not null
),

months as (
    select * from {{ ref('int_months') }}
),

asked as (
    select customer_id, month_number, count(*) as how_to_case_count
    from case_events
    group by customer_id, month_number
),

-- What is counted over time, such as cases, stands here as the ratio of sums of the three months that end with the month.
quarters as (
    select
        support_months.customer_id,
        support_months.month_number,
        min(support_months.month_number) over three_months as first_month_number,
        sum(coalesce(asked.how_to_case_count, 0)) over three_months as how_to_case_count,
        sum(support_months.active_user_count) over three_months as user_month_count
    from support_months
    left join asked
        on support_months.customer_id = asked.customer_id and support_months.month_number = asked.month_number
    window three_months as (
        partition by support_months.customer_id order by support_months.month_number asc rows between 2 preceding and current row
    )
),

final as (
    select
        'license_adoption' as outcome_key,
        adoption_months.customer_id,
        months.month_number,
        cast(adoption_months.adoption_rate as decimal(18, 6)) as outcome_value
    from adoption_months
    inner join months on adoption_months.month_end = months.month_end
    where not months.is_provisional

    union all

    select
        'plan_realization' as outcome_key,
        customer_id,
        month_number,
        realization_rate as outcome_value
    from success_months
    where not is_provisional

    union all

    -- A month in which nobody came has no user to ask; three of them tell nothing.
    select
        'how_to_cases_per_user' as outcome_key,
        quarters.customer_id,
        quarters.month_number,
        cast(
            round(cast(quarters.how_to_case_count as double) / nullif(quarters.user_month_count, 0), 6) as decimal(18, 6)
        ) as outcome_value
    from quarters
    inner join months on quarters.month_number = months.month_number
    where not months.is_provisional and quarters.first_month_number = quarters.month_number - 2

    union all

    -- What a customer pays twelve months later beyond what it pays now; whoever has left pays nothing more.
    select
        'revenue_expansion' as outcome_key,
        customer_months.customer_id,
        customer_months.month_number,
        cast(
            round(
                greatest(cast(coalesce(later.mrr_amount, 0) as double) / cast(customer_months.mrr_amount as double) - 1, 0), 6
            ) as decimal(18, 6)
        ) as outcome_value
    from customer_months
    inner join months on customer_months.month_number + 12 = months.month_number
    left join {{ ref('fct_customer_months') }} as later
        on customer_months.customer_id = later.customer_id and months.month_number = later.month_number
    where not months.is_provisional and customer_months.mrr_amount > 0 and (later.customer_id is null or later.is_amount_known)
)

select * from final
