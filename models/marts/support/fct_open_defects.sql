-- grain: one bug that a customer reported and month-end at which it waits for a fix
with defects as (
    select * from {{ ref('fct_defects') }} where is_customer_reported
),

months as (
    select * from {{ ref('int_months') }}
),

final as (
    select
        defects.defect_key,
        months.month_end,
        coalesce(defects.product_family, 'unknown') as product_family,
        defects.release_name,
        defects.reported_date,
        months.is_provisional
    from defects
    inner join months
        on
            defects.reported_date <= months.snapshot_date
            and (defects.resolved_date is null or defects.resolved_date > months.snapshot_date)
)

select * from final
