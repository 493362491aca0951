-- grain: one metric of reviews of articles, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = article_review_measures() %}
with reviews as (
    select * from {{ ref('fct_article_reviews') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

member_sums as (
    select
        month_number,
        'all' as dimension,
        'all' as member,
        {{ sum_measures(measures) }}
    from reviews
    group by month_number
),

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
