-- The year is recomputed point to point, so it equals the trailing twelve months at its last month-end.
select years.metric_key, years.period_end, years.dimension, years.member, years.value, trailing.value as trailing_value
from {{ ref('fct_metric_values') }} as years
inner join {{ ref('fct_metric_values') }} as trailing
    on
        years.metric_key = trailing.metric_key
        and years.period_end = trailing.period_end
        and years.dimension = trailing.dimension
        and years.member = trailing.member
where years.period_grain = 'year' and trailing.period_grain = 't12m' and years.value is distinct from trailing.value
