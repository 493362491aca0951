-- grain: one active customer and month-end
-- noqa: disable=LT02,LT05
{%- set lines = profit_lines() %}
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

profit_months as (
    select * from {{ ref('fct_customer_profit_months') }} where not is_unallocated
),

customers as (
    select * from {{ ref('dim_customers') }}
),

months as (
    select * from {{ ref('int_months') }}
),

offers as (
    select * from {{ ref('dim_service_offers') }} where is_attachable_standard and coalesce(is_paid, true) and service_line is not null
),

-- Lines with an offer that any customer may buy, and the smallest price for it.
attachable as (
    select
        months.month_end,
        case offers.service_line when 'maintenance' then 'support' else offers.service_line end as service_line,
        min(offers.list_annual_amount) as list_annual_amount
    from months
    inner join offers
        on
            (offers.active_from_date is null or offers.active_from_date <= months.snapshot_date)
            and (offers.active_until_date is null or offers.active_until_date > months.snapshot_date)
    group by months.month_end, case offers.service_line when 'maintenance' then 'support' else offers.service_line end
),

-- What each customer paid for each line in twelve months.
paid as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        customer_months.month_number,
        customer_months.tenure_band,
        customer_months.is_provisional,
        coalesce(customers.segment, 'unknown') as segment,
        {%- for line in lines %}
        coalesce(sum(profit_months.{{ line }}_revenue_amount), 0) as {{ line }}_amount,
        {%- endfor %}
        count(profit_months.month_end) - count(profit_months.service_revenue_amount) as unknown_count
    from customer_months
    left join customers on customer_months.customer_id = customers.customer_id
    left join profit_months
        on
            customer_months.customer_id = profit_months.customer_id
            and profit_months.month_number > customer_months.month_number - 12
            and profit_months.month_number <= customer_months.month_number
    group by
        customer_months.customer_id, customer_months.month_end, customer_months.month_number, customer_months.tenure_band,
        customer_months.is_provisional, coalesce(customers.segment, 'unknown')
),

holders as (
    {%- for line in lines %}
    select month_end, segment, '{{ line }}' as service_line, cast({{ line }}_amount as double) as amount
    from paid
    where {{ line }}_amount > 0
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

medians as (
    select
        month_end,
        segment,
        service_line,
        percentile_cont(0.5) within group (order by amount) as median_amount
    from holders
    group by month_end, segment, service_line
    having count(*) >= 5
),

valued as (
    select
        paid.customer_id,
        paid.month_end,
        paid.month_number,
        paid.tenure_band,
        paid.unknown_count,
        paid.is_provisional,
        {%- for line in lines %}
        {{ line }}_offers.month_end is not null and paid.{{ line }}_amount <= 0 as is_{{ line }}_open,
        cast(round(coalesce({{ line }}_medians.median_amount, cast({{ line }}_offers.list_annual_amount as double)), 6) as decimal(18, 6))
            as {{ line }}_value{{ ',' if not loop.last }}
        {%- endfor %}
    from paid
    {%- for line in lines %}
    left join attachable as {{ line }}_offers
        on paid.month_end = {{ line }}_offers.month_end and {{ line }}_offers.service_line = '{{ line }}'
    left join medians as {{ line }}_medians
        on
            paid.month_end = {{ line }}_medians.month_end
            and paid.segment = {{ line }}_medians.segment
            and {{ line }}_medians.service_line = '{{ line }}'
    {%- endfor %}
),

final as (
    select
        customer_id,
        month_end,
        month_number,
        tenure_band,
        {%- for line in lines %}
        cast(is_{{ line }}_open as boolean) as is_{{ line }}_open,
        cast(case when not is_{{ line }}_open then 0 when unknown_count = 0 then {{ line }}_value end as decimal(18, 6)) as {{ line }}_potential_amount,
        {%- endfor %}
        cast(
            {%- for line in lines %}
            {{ '+ ' if not loop.first }}case when not is_{{ line }}_open then 0 when unknown_count = 0 then {{ line }}_value end
            {%- endfor %} as decimal(18, 6)
        ) as potential_amount,
        cast({% for line in lines %}is_{{ line }}_open{{ ' or ' if not loop.last }}{% endfor %} as boolean) as is_any_open,
        is_provisional
    from valued
)

select * from final
