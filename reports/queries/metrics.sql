-- grain: one row of the metric catalogue, in the order of the catalogue
select
    row_id,
    metric_key,
    theme,
    title,
    question,
    definition,
    unit,
    direction,
    format,
    kind,
    headline_grain,
    coalesce(is_headline, false) as is_headline,
    subject,
    needs
from marts.dim_metrics
order by
    regexp_extract(row_id, '^[A-Z]+'),
    cast(nullif(regexp_extract(row_id, '[0-9]+'), '') as integer) nulls last,
    row_id,
    is_headline desc,
    metric_key
