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

{#
    End (- or +) of the 95 % interval of a rank correlation of so many pairs: tanh(atanh ρ ± 1.959964 × √((1 + ρ² ÷ 2) ÷ (n − 3))).
    Perfect order leaves no room for an interval.
#}
{% macro correlation_bound(correlation, pair_count, sign) -%}
    case
        when abs({{ correlation }}) >= 1 then {{ correlation }}
        else
            1 - 2 / (
                exp(
                    ln((1 + {{ correlation }}) / (1 - {{ correlation }}))
                    {{ sign }} 2 * 1.959964 * sqrt((1 + {{ correlation }} * {{ correlation }} / 2) / ({{ pair_count }} - 3))
                ) + 1
            )
    end
{%- endmacro %}
