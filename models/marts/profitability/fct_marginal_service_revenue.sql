-- grain: one kind of revenue and quarter-end
-- noqa: disable=LT02
with profit_months as (
    select profit_months.*, coalesce(customers.segment, 'unknown') as segment
    from {{ ref('fct_customer_profit_months') }} as profit_months
    left join {{ ref('dim_customers') }} as customers on profit_months.customer_id = customers.customer_id
    where not profit_months.is_unallocated
),

quarters as (
    select period_end, opening_month_number, closing_month_number
    from {{ ref('int_periods') }}
    where period_grain = 'quarter' and is_opening_known and not is_provisional
),

-- What is allocated to customers, by segment and quarter. A month that does not tell all cost makes the quarter unknown.
cells as (
    select
        profit_months.segment,
        quarters.period_end as quarter_end,
        quarters.closing_month_number,
        sum(profit_months.service_cost_amount) as cost_amount,
        sum(profit_months.service_revenue_amount) as direct_amount,
        sum(profit_months.influenced_amount) as indirect_amount,
        count(*) as row_count,
        count(profit_months.service_cost_amount) as cost_count,
        count(profit_months.service_revenue_amount) as revenue_count
    from profit_months
    inner join quarters
        on
            profit_months.month_number > quarters.opening_month_number
            and profit_months.month_number <= quarters.closing_month_number
    group by profit_months.segment, quarters.period_end, quarters.closing_month_number
),

told_quarters as (
    select quarter_end
    from cells
    group by quarter_end
    having sum(row_count) = sum(cost_count) and sum(row_count) = sum(revenue_count)
),

-- The newest twelve quarters up to each quarter-end.
windows as (
    select
        ends.period_end,
        cells.segment,
        cells.quarter_end,
        cells.cost_amount,
        cells.direct_amount,
        cells.indirect_amount
    from quarters as ends
    inner join cells
        on
            cells.closing_month_number <= ends.closing_month_number
            and cells.closing_month_number > ends.closing_month_number - 36
    inner join told_quarters on cells.quarter_end = told_quarters.quarter_end
),

window_sizes as (
    select period_end, count(distinct quarter_end) as quarter_count
    from windows
    group by period_end
),

balanced_segments as (
    select windows.period_end, windows.segment
    from windows
    inner join window_sizes on windows.period_end = window_sizes.period_end
    group by windows.period_end, windows.segment, window_sizes.quarter_count
    having count(*) = window_sizes.quarter_count
),

panel as (
    {%- for revenue, amount in (
        ('all', 'direct_amount + windows.indirect_amount'), ('direct', 'direct_amount'), ('indirect', 'indirect_amount'),
    ) %}
    select
        '{{ revenue }}' as revenue,
        windows.period_end,
        windows.segment,
        windows.quarter_end,
        cast(windows.cost_amount as double) as x,
        cast(windows.{{ amount }} as double) as y
    from windows
    inner join balanced_segments on windows.period_end = balanced_segments.period_end and windows.segment = balanced_segments.segment
    {{- '\n\n    union all\n' if not loop.last }}
    {%- endfor %}
),

-- Less the segment's and the quarter's own level: what is left is whether revenue moves where cost moves. Cents are exact sums.
demeaned as (
    select
        revenue,
        period_end,
        segment,
        quarter_end,
        {%- for name in ('x', 'y') %}
        cast(round(
            {{ name }}
            - cast(sum(cast(round({{ name }}, 6) as decimal(28, 6))) over (partition by revenue, period_end, segment) as double)
            / count(*) over (partition by revenue, period_end, segment)
            - cast(sum(cast(round({{ name }}, 6) as decimal(28, 6))) over (partition by revenue, period_end, quarter_end) as double)
            / count(*) over (partition by revenue, period_end, quarter_end)
            + cast(sum(cast(round({{ name }}, 6) as decimal(28, 6))) over (partition by revenue, period_end) as double)
            / count(*) over (partition by revenue, period_end), 3
        ) as decimal(18, 3)) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from panel
),

sums as (
    select
        revenue,
        period_end,
        cast(count(*) as bigint) as n,
        cast(count(distinct segment) as bigint) as segment_count,
        cast(count(distinct quarter_end) as bigint) as quarter_count,
        cast(sum(cast(x * x as decimal(38, 6))) as double) as sum_xx,
        cast(sum(cast(x * y as decimal(38, 6))) as double) as sum_xy,
        cast(sum(cast(y * y as decimal(38, 6))) as double) as sum_yy
    from demeaned
    group by revenue, period_end
),

slopes as (
    select
        *,
        n - segment_count - quarter_count as degrees_of_freedom,
        sum_xy / nullif(sum_xx, 0) as slope,
        sqrt(
            greatest(sum_yy - sum_xy * sum_xy / nullif(sum_xx, 0), 0)
            / nullif(greatest(n - segment_count - quarter_count, 0), 0) / nullif(sum_xx, 0)
        ) as standard_error
    from sums
),

judged as (
    select
        *,
        case
            when quarter_count < 8 or degrees_of_freedom < 10 or slope is null or standard_error is null then 'insufficient_evidence'
            when slope - 1.959964 * standard_error > 0 then 'supported'
            else 'not_supported'
        end as verdict
    from slopes
),

-- With too little evidence no number is shown.
final as (
    select
        revenue,
        period_end,
        cast(case when verdict <> 'insufficient_evidence' then round(slope, 6) end as decimal(18, 6)) as slope,
        cast(case when verdict <> 'insufficient_evidence' then round(slope - 1.959964 * standard_error, 6) end as decimal(18, 6))
            as ci_low,
        cast(case when verdict <> 'insufficient_evidence' then round(slope + 1.959964 * standard_error, 6) end as decimal(18, 6))
            as ci_high,
        n,
        segment_count,
        quarter_count,
        degrees_of_freedom,
        verdict
    from judged
)

select * from final
