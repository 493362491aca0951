-- One fingerprint a subject over all it adds to the restated parts, in the file in use.
create temp table fingerprints_{side} as
select
    subject_type,
    subject_id,
    sum(hash(metric_key, period_grain, period_end, dimension, member, numerator, denominator)) as fingerprint
from marts.fct_metric_contributions
semi join restated_parts using (metric_key, period_grain, period_end, dimension)
where is_included
group by subject_type, subject_id;
