-- grain: one metric of the margin of relationships by engagement model, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = relationship_margin_measures() %}
with engagement_models as (
    select * from {{ ref('fct_engagement_models') }}
),

period_sums as (
    select
        period_grain,
        period_end,
        is_provisional,
        'all' as dimension,
        'all' as member,
        {{ sum_measures(measures) }}
    from engagement_models
    group by period_grain, period_end, is_provisional
),

{{ ratios_of_sums('period_sums', measures) }}

select * from final
