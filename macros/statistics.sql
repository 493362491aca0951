{# Statistics, once. #}

{#
    Median and 90th percentile of `value` (double) in the columns of a statistic: <key> and <key>_p90 by period, dimension and member.
    The relation has metric_key, period_grain, period_end, dimension, member, is_provisional, value, and eligible_count: the subjects of
    the member, known or not.
#}
{% macro medians_of(relation) -%}
    {%- for suffix, share in (('', '0.5'), ('_p90', '0.9')) %}
    select
        concat(metric_key, '{{ suffix }}') as metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        cast(round(percentile_cont({{ share }}) within group (order by value asc), 6) as decimal(18, 6)) as value,
        cast(count(value) as bigint) as n,
        cast(round(count(value) / cast(max(eligible_count) as double), 6) as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        is_provisional
    from {{ relation }}
    group by metric_key, period_grain, period_end, dimension, member, is_provisional
    having count(value) > 0
    {{- ' union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
