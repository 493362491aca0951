-- grain: one rated case and period (year or trailing twelve months) in which it was rated
with closed as (
    select * from {{ ref('fct_case_events') }} where event = 'closed' and is_satisfied is not null
),

months as (
    select * from {{ ref('int_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain in ('t12m', 'year') and is_opening_known
),

rated as (
    select
        closed.case_key,
        closed.customer_id,
        closed.case_reason,
        coalesce(closed.severity, 'unknown') as severity,
        closed.resolution_minutes,
        closed.resolution_basis,
        closed.is_satisfied,
        closed.rated_date,
        periods.period_grain,
        periods.period_end,
        periods.is_provisional
    from closed
    inner join months on closed.rated_date >= months.month_start and closed.rated_date <= months.month_end
    inner join periods
        on months.month_number > periods.opening_month_number and months.month_number <= periods.closing_month_number
),

-- Business and calendar minutes are never compared.
ranked as (
    select
        *,
        case
            when resolution_minutes is not null
                then ntile(4) over (
                    partition by period_grain, period_end, resolution_basis, resolution_minutes is null
                    order by resolution_minutes asc, case_key asc
                )
        end as quartile
    from rated
),

final as (
    select
        case_key,
        period_grain,
        period_end,
        customer_id,
        rated_date,
        case_reason,
        severity,
        resolution_basis,
        cast(quartile as integer) as resolution_quartile,
        -- Without a reason or a time to its solving a case compares with none.
        case
            when case_reason is not null and quartile is not null
                then concat(severity, '|', resolution_basis, '|', cast(quartile as {{ dbt.type_string() }}))
        end as stratum,
        coalesce(case_reason = 'defect', false) as is_defect,
        is_satisfied,
        is_provisional
    from ranked
)

select * from final
