-- grain: one period grain and period end
with periods as (
    select * from {{ ref('int_periods') }}
),

final as (
    select
        period_grain,
        period_end,
        {{ add_days(add_months(add_days('period_end', 1), '-window_months'), -1) }} as opening_date,
        snapshot_date,
        window_months,
        is_provisional,
        is_opening_known
    from periods
)

select * from final
