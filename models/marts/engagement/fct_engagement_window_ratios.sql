-- grain: one metric of what became of customers by their engagement, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = engagement_window_measures() %}
with engagement_windows as (
    select * from {{ ref('fct_engagement_windows') }}
),

period_sums as (
    select
        period_grain,
        period_end,
        is_provisional,
        'all' as dimension,
        'all' as member,
        {{ sum_measures(measures) }}
    from engagement_windows
    group by period_grain, period_end, is_provisional
),

{{ ratios_of_sums('period_sums', measures) }}

select * from final
