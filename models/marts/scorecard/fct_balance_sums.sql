-- grain: one period end, dimension and member: the sums of the balance measures, side by side
-- noqa: disable=LT02,PRS
{%- set measures = balance_measures() %}
with customer_months as (
    select fct_customer_months.*, customers.segment, customers.region, customers.channel
    from {{ ref('fct_customer_months') }} as fct_customer_months
    inner join {{ ref('dim_customers') }} as customers on fct_customer_months.customer_id = customers.customer_id
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

-- Millions of balances once, then few sums for every dimension.
finest_sums as (
    select
        month_end,
        is_provisional,
        segment,
        region,
        channel,
        tenure_band,
        {{ sum_measures(measures) }}
    from customer_months
    group by month_end, is_provisional, segment, region, channel, tenure_band
),

month_sums as (
    select
        'month' as period_grain,
        month_end as period_end,
        is_provisional,
        case
            when grouping(segment) = 0 then 'segment'
            when grouping(region) = 0 then 'region'
            when grouping(channel) = 0 then 'channel'
            when grouping(tenure_band) = 0 then 'tenure_band'
            else 'all'
        end as dimension,
        coalesce(segment, region, channel, tenure_band, 'all') as member,
        {{ sum_measures_again(measures) }}
    from finest_sums
    group by grouping sets (
        (month_end, is_provisional),
        (month_end, is_provisional, segment),
        (month_end, is_provisional, region),
        (month_end, is_provisional, channel),
        (month_end, is_provisional, tenure_band)
    )
),

-- A balance at the end of a quarter or year is the balance of its last month.
final as (
    select
        periods.period_grain,
        month_sums.period_end,
        month_sums.is_provisional,
        month_sums.dimension,
        month_sums.member,
        {%- for measure in measures %}
        month_sums.{{ measure_name(measure) }}_numerator,
        month_sums.{{ measure_name(measure) }}_denominator,
        month_sums.{{ measure_name(measure) }}_subjects,
        month_sums.{{ measure_name(measure) }}_eligible{{ ',' if not loop.last }}
        {%- endfor %}
    from month_sums
    inner join periods on month_sums.period_end = periods.period_end
)

select * from final
