-- The members of a mix are the whole.
select metric_key, period_grain, period_end, sum(numerator) as numerator, max(denominator) as denominator
from {{ ref('fct_metric_ratios') }}
where
    metric_key in ('relationship_status', 'loss_reason_mix', 'growth_reason_mix', 'relationship_sentiment_mix', 'risk_reason_mix')
    and dimension <> 'all'
group by metric_key, period_grain, period_end
having abs(sum(numerator) - max(denominator)) > 0.000001
