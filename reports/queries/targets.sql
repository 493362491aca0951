-- grain: one metric, member and start of validity
select
    metric_key,
    member,
    period_start,
    target,
    red_threshold,
    amber_threshold,
    direction,
    owner
from marts.dim_targets
order by metric_key, member, period_start
