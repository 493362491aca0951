-- The members of a mix are the whole.
select ratios.metric_key, ratios.period_grain, ratios.period_end, sum(ratios.numerator) as numerator, max(ratios.denominator) as denominator
from {{ ref('fct_metric_ratios') }} as ratios
where
    ratios.dimension <> 'all'
    and ratios.metric_key in (select metric_key from {{ ref('dim_metrics') }} where unit = 'text-mix')
group by ratios.metric_key, ratios.period_grain, ratios.period_end
having abs(sum(ratios.numerator) - max(ratios.denominator)) > 0.000001
