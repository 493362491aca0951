-- What the changed subjects add to the restated parts, in the file in use.
create temp table contributions_{side} as
select
    metric_key,
    period_grain,
    period_end,
    dimension,
    member,
    subject_type,
    subject_id,
    true as is_included,
    sum(numerator) as numerator,
    sum(denominator) as denominator
from marts.fct_metric_contributions
semi join restated_parts using (metric_key, period_grain, period_end, dimension)
semi join changed_subjects using (subject_type, subject_id)
where is_included
group by all;
