-- grain: one customer, product family and month-end with recurring revenue
-- noqa: disable=LT02
with recurring_revenue as (
    select * from {{ ref('fct_recurring_revenue_months') }}
),

{% if var('fx_mode') == 'as_reported' %}
months as (
    select * from {{ ref('int_months') }}
),

month_rates as (
    select months.month_number, rates.currency, rates.rate
    from months
    inner join {{ ref('int_rates_to_reporting') }} as rates on months.snapshot_date = rates.rate_date
),

{% endif %}
-- The balance at the rates that the bridge uses: today's month-end, and those of the month-ends 1, 3 and 12 months on.
-- In constant currency they are all the same.
revalued as (
    select
        recurring_revenue.*,
        {%- if var('fx_mode') == 'as_reported' %}
        {%- for months_on in (0, 1, 3, 12) %}
        {{ converted_amount('recurring_revenue.mrr_original_amount', 'rates_' ~ months_on ~ '.rate') }} as bridge_amount_{{ months_on }}{{ ',' if not loop.last }}
        {%- endfor %}
        {%- else %}
        {%- for months_on in (0, 1, 3, 12) %}
        recurring_revenue.mrr_amount as bridge_amount_{{ months_on }}{{ ',' if not loop.last }}
        {%- endfor %}
        {%- endif %}
    from recurring_revenue
    {%- if var('fx_mode') == 'as_reported' %}
    {%- for months_on in (0, 1, 3, 12) %}
    left join month_rates as rates_{{ months_on }}
        on
            recurring_revenue.currency = rates_{{ months_on }}.currency
            and recurring_revenue.month_number + {{ months_on }} = rates_{{ months_on }}.month_number
    {%- endfor %}
    {%- endif %}
),

final as (
    select
        customer_id,
        product_family,
        month_end,
        month_number,
        -- A family that discounts push below zero counts as zero, and is listed as a finding.
        cast(greatest(sum(mrr_amount), 0) as decimal(18, 6)) as mrr_amount,
        cast(sum(bridged_mrr_amount) as decimal(18, 6)) as bridged_mrr_amount,
        cast(sum(pending_mrr_amount) as decimal(18, 6)) as pending_mrr_amount,
        cast(case when count(bridge_amount_0) = count(*) then greatest(sum(bridge_amount_0), 0) end as decimal(18, 6))
            as bridge_amount_0,
        cast(case when count(bridge_amount_1) = count(*) then greatest(sum(bridge_amount_1), 0) end as decimal(18, 6))
            as bridge_amount_1,
        cast(case when count(bridge_amount_3) = count(*) then greatest(sum(bridge_amount_3), 0) end as decimal(18, 6))
            as bridge_amount_3,
        cast(case when count(bridge_amount_12) = count(*) then greatest(sum(bridge_amount_12), 0) end as decimal(18, 6))
            as bridge_amount_12,
        cast(case when count(quantity) = count(*) then sum(quantity) end as decimal(18, 6)) as quantity,
        max(tier_rank) as tier_rank,
        max(escalator_rate) as escalator_rate,
        cast(sum(mrr_amount) < 0 as boolean) as is_below_zero,
        cast(sum(unconverted_line_count) = 0 and count(bridge_amount_0) = count(*) as boolean) as is_amount_known,
        is_provisional
    from revalued
    group by customer_id, product_family, month_end, month_number, is_provisional
)

select * from final
