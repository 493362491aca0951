-- grain: one period grain and period end
with periods as (
    select * from {{ ref('int_periods') }}
),

final as (
    select period_grain, period_end, snapshot_date, window_months, is_provisional, is_opening_known
    from periods
)

select * from final
