-- grain: one month-end and calendar month that its usage window touches
with months as (
    select * from {{ ref('int_months') }}
),

touched as (
    select * from {{ ref('int_months') }}
),

bounded as (
    select
        month_end,
        snapshot_date,
        {{ add_days('snapshot_date', 1 - var('adoption_window_days')) }} as window_start_date
    from months
),

final as (
    select
        bounded.month_end,
        bounded.snapshot_date,
        bounded.window_start_date,
        touched.month_number as usage_month_number
    from bounded
    inner join touched on touched.month_start <= bounded.snapshot_date and touched.month_end >= bounded.window_start_date
)

select * from final
