-- grain: one metric of what became of customers by the activities they had received, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = activity_window_measures() %}
with activity_windows as (
    select * from {{ ref('fct_activity_windows') }}
),

period_sums as (
    select
        period_grain,
        period_end,
        is_provisional,
        'all' as dimension,
        'all' as member,
        {{ sum_measures(measures) }}
    from activity_windows
    group by period_grain, period_end, is_provisional
),

{{ ratios_of_sums('period_sums', measures) }}

select * from final
