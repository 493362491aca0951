-- grain: one customer and month-end, with its risk class of six months before
with outcomes as (
    select * from {{ ref('fct_risk_outcomes') }}
),

probabilities as (
    select * from {{ ref('fct_risk_probabilities') }} where observed_count >= 30
),

-- What a class meant is taken from what was known when it was given, never from what it is tested on.
final as (
    select
        outcomes.customer_id,
        outcomes.month_end,
        outcomes.class_month_end,
        outcomes.risk_class,
        outcomes.health_score,
        outcomes.has_churned,
        outcomes.has_churned_or_contracted,
        probabilities.churn_rate as churn_probability,
        probabilities.loss_rate as loss_probability,
        outcomes.is_provisional
    from outcomes
    left join probabilities
        on outcomes.class_month_end = probabilities.month_end and outcomes.risk_class = probabilities.risk_class
)

select * from final
