-- grain: one customer and month-end from the month of its first investment on
-- noqa: disable=LT02
with months as (
    select * from {{ ref('int_months') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

-- Amounts of no currency are in the reporting currency.
converted as (
    select
        identity.customer_id,
        returns.return_kind,
        returns.is_customer_verified,
        cast(extract(year from returns.return_date) * 12 + extract(month from returns.return_date) - 1 as integer) as month_number,
        {{ converted_amount(
            'returns.amount', '(case when returns.currency is null then cast(1 as decimal(18, 9)) else rates.rate end)'
        ) }} as amount
    from {{ ref('int_customer_returns') }} as returns
    inner join identity on returns.account_key = identity.account_key
    left join rates on returns.currency = rates.currency
),

-- The return is looked at over the months from the first investment on, as far as the horizon.
begun as (
    select customer_id, min(month_number) as first_month_number
    from converted
    where return_kind = 'investment'
    group by customer_id
),

flows as (
    select
        converted.customer_id,
        converted.month_number,
        sum(
            case
                when converted.return_kind = 'benefit'
                    {%- if var('roi_require_customer_verified') %} and converted.is_customer_verified{% endif %}
                    then converted.amount
                else 0
            end
        ) as benefit_amount,
        sum(case when converted.return_kind = 'benefit' and converted.is_customer_verified then converted.amount else 0 end)
            as verified_benefit_amount,
        sum(case when converted.return_kind = 'investment' then converted.amount else 0 end) as investment_amount,
        count(case when converted.return_kind = 'benefit' then 1 end) as benefit_count,
        count(case when converted.amount is null then 1 end) as unknown_count
    from converted
    inner join begun
        on
            converted.customer_id = begun.customer_id
            and converted.month_number >= begun.first_month_number
            and converted.month_number < begun.first_month_number + {{ var('roi_horizon_months') }}
    group by converted.customer_id, converted.month_number

    union all

    select
        begun.customer_id,
        months.month_number,
        0 as benefit_amount,
        0 as verified_benefit_amount,
        0 as investment_amount,
        0 as benefit_count,
        0 as unknown_count
    from begun
    inner join months on begun.first_month_number <= months.month_number
),

by_month as (
    select
        flows.customer_id,
        flows.month_number,
        flows.month_number - begun.first_month_number + 1 as month_count,
        sum(flows.benefit_amount) as benefit_amount,
        sum(flows.verified_benefit_amount) as verified_benefit_amount,
        sum(flows.investment_amount) as investment_amount,
        sum(flows.benefit_count) as benefit_count,
        sum(flows.unknown_count) as unknown_count
    from flows
    inner join begun on flows.customer_id = begun.customer_id
    group by flows.customer_id, flows.month_number, begun.first_month_number
),

discounted as (
    select
        *,
        {%- for part in ('benefit', 'investment') %}
        cast(
            round(
                cast({{ part }}_amount as double)
                / power(1 + cast({{ var('roi_discount_rate') }} as double), month_count / cast(12 as double)), 6
            ) as decimal(28, 6)
        ) as {{ part }}_pv_amount{{ ',' if not loop.last }}
        {%- endfor %}
    from by_month
),

summed as (
    select
        customer_id,
        month_number,
        month_count,
        benefit_amount - investment_amount as net_amount,
        {%- for column in (
            'benefit_amount', 'verified_benefit_amount', 'investment_amount', 'benefit_pv_amount', 'investment_pv_amount', 'benefit_count',
            'unknown_count',
        ) %}
        sum({{ column }}) over so_far as {{ column }},
        {%- endfor %}
        sum(benefit_amount - investment_amount) over so_far as cumulative_amount
    from discounted
    window so_far as (
        partition by customer_id order by month_number asc rows between unbounded preceding and current row
    )
),

-- Paid back within the month in which the sum first is no longer below zero, by the line between its ends.
paid as (
    select
        customer_id,
        month_number as paid_month_number,
        month_count - 1
        + coalesce(cast(net_amount - cumulative_amount as double) / nullif(cast(net_amount as double), 0), 0) as payback_months
    from (
        select
            *,
            row_number() over (partition by customer_id order by month_number asc) as place
        from summed
        where cumulative_amount >= 0
    ) as reached
    where place = 1
),

final as (
    select
        summed.customer_id,
        months.month_end,
        cast(summed.month_count as integer) as month_count,
        {%- for column in (
            'benefit_amount', 'verified_benefit_amount', 'investment_amount', 'benefit_pv_amount', 'investment_pv_amount'
        ) %}
        cast(case when summed.unknown_count = 0 then summed.{{ column }} end as decimal(28, 6)) as {{ column }},
        {%- endfor %}
        cast(summed.benefit_count as integer) as benefit_count,
        cast(
            case
                when summed.unknown_count = 0 and paid.paid_month_number <= summed.month_number then round(paid.payback_months, 6)
            end as decimal(18, 6)
        ) as payback_months,
        months.is_provisional
    from summed
    inner join months on summed.month_number = months.month_number
    left join paid on summed.customer_id = paid.customer_id
)

select * from final
