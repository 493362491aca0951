-- grain: one metric by engagement model, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = engagement_model_measures() %}
with engagement_models as (
    select * from {{ ref('fct_engagement_models') }} where period_grain = 't12m'
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

member_sums as (
    select
        period_end as month_end,
        is_provisional,
        'all' as dimension,
        'all' as member,
        {{ sum_measures(measures) }}
    from engagement_models
    group by period_end, is_provisional
),

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
