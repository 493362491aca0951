-- grain: one metric of ratings, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = rating_measures() %}
with {{ subjects_with_customers('fct_case_ratings') }},

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel'], measures) }},

{{ sums_of_periods(measures) }},

-- Rated in the period ÷ closed in it; what is rated a month later may make it more than all.
final as (
    select
        'csat' as metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        cast(csat_numerator as decimal(28, 6)) as numerator,
        cast(csat_denominator as decimal(28, 6)) as denominator,
        cast(csat_subjects as bigint) as subject_count,
        cast(
            case when csat_covered < csat_eligible then csat_covered / cast(csat_eligible as double) else 1 end as decimal(18, 6)
        ) as coverage,
        is_provisional
    from period_sums
    where csat_eligible > 0 or csat_covered > 0
)

select * from final
