-- The members of a mix are the whole. Programs are ranked: a customer that bought two of them is in both.
select ratios.metric_key, ratios.period_grain, ratios.period_end, sum(ratios.numerator) as numerator, max(ratios.denominator) as denominator
from {{ ref('fct_metric_ratios') }} as ratios
inner join {{ ref('dim_metrics') }} as metrics on ratios.metric_key = metrics.metric_key
where ratios.dimension <> 'all' and metrics.unit = 'text-mix' and ratios.metric_key <> 'program_purchase_rank'
group by ratios.metric_key, ratios.period_grain, ratios.period_end, metrics.row_id
having abs(sum(ratios.numerator) - max(ratios.denominator)) > 0.000001
