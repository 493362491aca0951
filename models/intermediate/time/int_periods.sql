-- grain: one finished or running period: a month-end seen over a window that ends on it
with months as (
    select * from {{ ref('int_months') }}
),

grains as (
    select 'month' as period_grain, 1 as window_months
    union all
    select 'quarter' as period_grain, 3 as window_months
    union all
    select 'year' as period_grain, 12 as window_months
    union all
    select 't12m' as period_grain, 12 as window_months
),

first_month as (
    select min(month_number) as first_month_number from months
),

final as (
    select
        grains.period_grain,
        months.month_end as period_end,
        months.month_number as closing_month_number,
        months.month_number - grains.window_months as opening_month_number,
        grains.window_months,
        months.snapshot_date,
        months.is_provisional,
        -- A window that opens before the history starts is not published. Without a history start the time before the
        -- first month is known to be empty, so the first month may open on nothing.
        cast(
            months.month_number - grains.window_months
            >= first_month.first_month_number{{ '' if var('history_start_month') else ' - 1' }} as boolean
        ) as is_opening_known
    from months
    cross join grains
    cross join first_month
    where
        grains.window_months in ({{ var('retention_windows_months') | join(', ') }})
        and (
            grains.period_grain in ('month', 't12m')
            or (grains.period_grain = 'quarter' and mod(months.fiscal_month, 3) = 0)
            or (grains.period_grain = 'year' and months.fiscal_month = 12)
        )
)

select * from final
