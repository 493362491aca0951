-- grain: one twelve months, outcome and bin (a risk class, or ten points of the health score)
with backtest as (
    select * from {{ ref('fct_risk_backtest') }}
),

periods as (
    select * from {{ ref('dim_periods') }} where period_grain = 't12m' and is_opening_known
),

outcomes as (
    select
        customer_id,
        month_end,
        risk_class,
        health_score,
        'churn' as outcome,
        has_churned as has_outcome,
        churn_probability as probability
    from backtest

    union all

    select
        customer_id,
        month_end,
        risk_class,
        health_score,
        'churn_or_contraction' as outcome,
        has_churned_or_contracted as has_outcome,
        loss_probability as probability
    from backtest
),

binned as (
    select
        customer_id,
        month_end,
        outcome,
        has_outcome,
        probability,
        'class' as bin_kind,
        risk_class as bin,
        case risk_class when 'defecting' then 1 when 'reducing' then 2 when 'watch' then 3 when 'healthy' then 4 else 5 end as bin_order
    from outcomes

    union all

    select
        customer_id,
        month_end,
        outcome,
        has_outcome,
        probability,
        'score' as bin_kind,
        case
            when health_score is null then 'unknown'
            {%- for low in range(0, 90, 10) %}
            when health_score < {{ low + 10 }} then '{{ low }}–{{ low + 10 }}'
            {%- endfor %}
            else '90–100'
        end as bin,
        case
            when health_score is null then 11
            else least(cast(floor(health_score / 10) as integer), 9) + 1
        end as bin_order
    from outcomes
),

pooled as (
    select
        periods.period_end,
        periods.is_provisional,
        binned.outcome,
        binned.bin_kind,
        binned.bin,
        binned.bin_order,
        count(*) as observed_count,
        cast(count(distinct binned.customer_id) as double) as customer_count,
        count(case when binned.has_outcome then 1 end) / cast(count(*) as double) as observed_rate,
        cast(sum(binned.probability) as double) / nullif(count(binned.probability), 0) as predicted_rate
    from binned
    inner join periods on binned.month_end > periods.opening_date and binned.month_end <= periods.period_end
    group by periods.period_end, periods.is_provisional, binned.outcome, binned.bin_kind, binned.bin, binned.bin_order
),

final as (
    select
        period_end,
        outcome,
        bin_kind,
        bin,
        cast(bin_order as integer) as bin_order,
        cast(observed_count as bigint) as observed_count,
        cast(customer_count as bigint) as customer_count,
        cast(round(predicted_rate, 6) as decimal(18, 6)) as predicted_rate,
        cast(round(observed_rate, 6) as decimal(18, 6)) as observed_rate,
        cast(round({{ wilson_end('observed_rate', 'customer_count', '-') }}, 6) as decimal(18, 6)) as ci_low,
        cast(round({{ wilson_end('observed_rate', 'customer_count', '+') }}, 6) as decimal(18, 6)) as ci_high,
        is_provisional
    from pooled
)

select * from final
