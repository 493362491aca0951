{#
    Two steps of a query: a percentile, between its neighbours, of whole numbers that are given as counts. `relation` has one row for each
    of `keys` and `value` with how often it occurs in `count`; the step `name` has the keys, `percentile` and `observation_count`.
    A few different values stand for millions of rows, and whole numbers come out the same on both engines: of 38.25 observations the
    percentile lies a quarter of the way from the 38th to the 39th.
#}
{% macro percentile_of_counts(name, relation, keys, value, count, percent) -%}
{{ name }}_in_order as (
    select
        {{ keys | join(', ') }},
        {{ value }},
        sum({{ count }}) over (partition by {{ keys | join(', ') }} order by {{ value }} asc) as count_so_far,
        sum({{ count }}) over (partition by {{ keys | join(', ') }}) as observation_count,
        mod({{ percent }} * (sum({{ count }}) over (partition by {{ keys | join(', ') }}) - 1), 100) as hundredths
    from {{ relation }}
),

{{ name }}_neighbours as (
    select
        {{ keys | join(', ') }},
        max(observation_count) as observation_count,
        max(hundredths) as hundredths,
        min(
            case when 100 * count_so_far > {{ percent }} * (observation_count - 1) - hundredths then {{ value }} end
        ) as lower_value,
        min(
            case when 100 * count_so_far > {{ percent }} * (observation_count - 1) - hundredths + 100 then {{ value }} end
        ) as upper_value
    from {{ name }}_in_order
    group by {{ keys | join(', ') }}
),

{{ name }} as (
    select
        {{ keys | join(', ') }},
        cast(observation_count as bigint) as observation_count,
        cast(
            cast(100 * lower_value + hundredths * (coalesce(upper_value, lower_value) - lower_value) as decimal(16, 0))
            * cast(0.01 as decimal(3, 2)) as decimal(18, 6)
        ) as percentile
    from {{ name }}_neighbours
)
{%- endmacro %}
