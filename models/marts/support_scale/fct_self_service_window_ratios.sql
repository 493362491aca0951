-- grain: one metric of what became of customers by their use of self-service, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = self_service_window_measures() %}
with self_service_windows as (
    select * from {{ ref('fct_self_service_windows') }}
),

period_sums as (
    select
        period_grain,
        period_end,
        is_provisional,
        'all' as dimension,
        'all' as member,
        {{ sum_measures(measures) }}
    from self_service_windows
    group by period_grain, period_end, is_provisional
),

{{ ratios_of_sums('period_sums', measures) }}

select * from final
