-- grain: one quarter of first recurring revenue and number of months since
-- noqa: disable=LT02
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where not is_provisional and first_mrr_month_number is not null
),

months as (
    select * from {{ ref('int_months') }}
),

-- Without an exchange rate nobody knows what is left of the start.
unknown_customers as (
    select distinct customer_id from customer_months where not is_amount_known
),

starts as (
    select
        customer_months.customer_id,
        customer_months.month_number as start_month_number,
        customer_months.mrr_amount as opening_mrr_amount,
        cast({{ add_months('months.month_start', '-mod(months.fiscal_month - 1, 3)') }} as date) as cohort_quarter
    from customer_months
    inner join months on customer_months.month_end = months.month_end
    left join unknown_customers on customer_months.customer_id = unknown_customers.customer_id
    where
        customer_months.month_number = customer_months.first_mrr_month_number
        and unknown_customers.customer_id is null
        {%- if var('history_start_month') %}
        -- The opening balance of the history did not start then.
        and not (months.is_first_month and customer_months.first_revenue_date < months.month_start)
        {%- endif %}
),

followed as (
    select
        starts.customer_id,
        starts.cohort_quarter,
        starts.opening_mrr_amount,
        customer_months.mrr_amount,
        customer_months.month_number - starts.start_month_number as months_since_start
    from starts
    inner join customer_months on starts.customer_id = customer_months.customer_id
    where mod(customer_months.month_number - starts.start_month_number, 3) = 0
),

cohorts as (
    select cohort_quarter, count(*) as cohort_customer_count
    from starts
    group by cohort_quarter
),

-- A column of the heat map is shown once every customer of the cohort has reached that age.
final as (
    select
        followed.cohort_quarter,
        cast(followed.months_since_start as integer) as months_since_start,
        count(*) as customer_count,
        cast(sum(followed.opening_mrr_amount) as decimal(18, 6)) as opening_mrr_amount,
        cast(sum(followed.mrr_amount) as decimal(18, 6)) as mrr_amount,
        cast(
            cast(sum(followed.mrr_amount) as double) / nullif(sum(followed.opening_mrr_amount), 0) as decimal(18, 6)
        ) as revenue_retention_rate,
        cast(
            sum(case when followed.mrr_amount > 0 then 1 else 0 end) / cast(nullif(count(*), 0) as double) as decimal(18, 6)
        ) as customer_retention_rate
    from followed
    inner join cohorts on followed.cohort_quarter = cohorts.cohort_quarter
    group by followed.cohort_quarter, followed.months_since_start, cohorts.cohort_customer_count
    having count(*) = cohorts.cohort_customer_count
)

select * from final
