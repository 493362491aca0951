-- The year is recomputed point to point, so it equals the trailing twelve months at its last month-end.
select years.metric_key, years.period_end, years.dimension, years.member, years.value, trailing_year.value as trailing_value
from {{ ref('fct_metric_values') }} as years
inner join {{ ref('fct_metric_values') }} as trailing_year
    on
        years.metric_key = trailing_year.metric_key
        and years.period_end = trailing_year.period_end
        and years.dimension = trailing_year.dimension
        and years.member = trailing_year.member
where years.period_grain = 'year' and trailing_year.period_grain = 't12m' and years.value is distinct from trailing_year.value
