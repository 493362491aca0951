-- grain: one customer, service line, product, offer and month with revenue earned
-- noqa: disable=LT02,LT05
with revenue as (
    select
        customer_id,
        service_line,
        product_key,
        offer_id,
        recognition,
        amount,
        start_date,
        end_date,
        cast({{ dbt.datediff('start_date', 'end_date', 'day') }} as double) as day_count
    from {{ ref('int_recognised_revenue') }}
    where start_date < end_date
),

months as (
    select * from {{ ref('int_months') }}
),

-- What is earned by the end of a month less what was before it: the parts add up to the amount, to the last digit.
parts as (
    select
        revenue.customer_id,
        revenue.service_line,
        revenue.product_key,
        revenue.offer_id,
        revenue.recognition,
        months.month_end,
        months.month_number,
        months.is_provisional,
        revenue.amount is null as is_unknown,
        cast(
            round(
                cast(revenue.amount as double)
                * {{ dbt.datediff('revenue.start_date', 'least(revenue.end_date, ' ~ add_days('months.snapshot_date', 1) ~ ')', 'day') }}
                / revenue.day_count, 6
            ) as decimal(18, 6)
        )
        - cast(
            round(
                cast(revenue.amount as double)
                * {{ dbt.datediff('revenue.start_date', 'greatest(revenue.start_date, months.month_start)', 'day') }} / revenue.day_count, 6
            ) as decimal(18, 6)
        ) as amount
    from revenue
    inner join months on revenue.start_date <= months.snapshot_date and revenue.end_date > months.month_start
),

final as (
    select
        customer_id,
        month_end,
        service_line,
        coalesce(product_key, 'unknown') as product_key,
        coalesce(offer_id, 'unknown') as offer_id,
        month_number,
        recognition,
        -- One amount without an exchange rate makes the sum unknown.
        cast(case when max(case when is_unknown then 1 else 0 end) = 0 then sum(amount) end as decimal(18, 6)) as amount,
        is_provisional
    from parts
    group by
        customer_id, month_end, service_line, coalesce(product_key, 'unknown'), coalesce(offer_id, 'unknown'), month_number, recognition,
        is_provisional
)

select * from final
