-- grain: number of categories of activities practised, period, dimension and member
{%- set categories = cs_activities() %}
with ratios as (
    select *
    from {{ ref('fct_activity_ratios') }}
    where
        metric_key in (
            {%- for category in categories %}
            'activity_coverage_{{ category }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
),

-- A category of which nothing is known is neither practised nor neglected.
counted as (
    select
        period_grain,
        period_end,
        dimension,
        member,
        is_provisional,
        count(
            case when subject_count > 0 and numerator >= {{ var('category_practised_min_share') }} * denominator then 1 end
        ) as practised_count,
        max(subject_count) as customer_count,
        sum(coverage) as covered
    from ratios
    group by period_grain, period_end, dimension, member, is_provisional
),

final as (
    select
        'cs_categories_practised' as metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        cast(practised_count as decimal(18, 6)) as value,
        -- As many customers as the category has that most are due for; as known as the six categories are on average.
        cast(customer_count as bigint) as n,
        cast(round(cast(covered as double) / {{ categories | length }}, 6) as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        is_provisional
    from counted
)

select * from final
