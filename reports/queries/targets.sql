-- grain: one metric, member and start of validity
select
    metric_key,
    dimension,
    member,
    period_grain,
    period_start,
    target,
    red_threshold,
    amber_threshold,
    direction,
    owner,
    source
from marts.dim_targets
order by metric_key, dimension, member, period_grain, period_start
