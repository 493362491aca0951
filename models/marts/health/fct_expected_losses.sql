-- grain: one customer at risk and month-end
with health_months as (
    select * from {{ ref('fct_health_months') }} where risk_class in ('defecting', 'reducing')
),

probabilities as (
    select * from {{ ref('fct_risk_probabilities') }}
),

-- What is rare is not estimated: below thirty losses of the class so far there is no probability.
estimated as (
    select
        health_months.customer_id,
        health_months.month_end,
        health_months.risk_class,
        health_months.arr_amount,
        health_months.is_provisional,
        case
            when health_months.risk_class = 'defecting' and probabilities.churned_count >= 30 then probabilities.churn_rate
            when health_months.risk_class = 'reducing' and probabilities.lost_count >= 30 then probabilities.loss_rate
        end as loss_probability,
        case health_months.risk_class when 'defecting' then 1 else {{ var('reducing_severity') }} end as severity
    from health_months
    inner join probabilities
        on health_months.month_end = probabilities.month_end and health_months.risk_class = probabilities.risk_class
),

judged as (
    select
        *,
        count(*) over (partition by month_end) = count(loss_probability) over (partition by month_end) as is_month_estimated
    from estimated
),

-- The loss of one class alone would be taken for all of it.
final as (
    select
        customer_id,
        month_end,
        risk_class,
        arr_amount,
        cast(loss_probability as decimal(18, 6)) as loss_probability,
        cast(severity as decimal(18, 6)) as severity,
        {{ try_cast_as(
            'round(case when is_month_estimated then cast(arr_amount as double) * cast(loss_probability as double) * severity end, 6)',
            'decimal(18, 6)'
        ) }} as expected_loss_amount,
        is_provisional
    from judged
)

select * from final
