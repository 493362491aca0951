-- grain: one metric of open defects, period, dimension and member
with open_defects as (
    select * from {{ ref('fct_open_defects') }}
),

defects as (
    select * from {{ ref('fct_defects') }} where is_customer_reported
),

months as (
    select * from {{ ref('int_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

members as (
    select 'all' as dimension, 'all' as member, min(reported_date) as first_date
    from defects
    having count(*) > 0

    union all

    select 'product_family' as dimension, coalesce(product_family, 'unknown') as member, min(reported_date) as first_date
    from defects
    group by coalesce(product_family, 'unknown')
),

-- From the first report on a month-end without any is known to have none.
counted as (
    select
        months.month_end,
        months.is_provisional,
        members.dimension,
        members.member,
        count(open_defects.defect_key) as defect_count
    from members
    inner join months on members.first_date <= months.snapshot_date
    left join open_defects
        on months.month_end = open_defects.month_end and members.member in ('all', open_defects.product_family)
    group by months.month_end, months.is_provisional, members.dimension, members.member
),

final as (
    select
        'defect_backlog_count' as metric_key,
        periods.period_grain,
        periods.period_end,
        counted.dimension,
        counted.member,
        cast(counted.defect_count as decimal(28, 6)) as numerator,
        cast(null as decimal(28, 6)) as denominator,
        -- None is a number, too.
        cast(greatest(counted.defect_count, 1) as bigint) as subject_count,
        cast(1 as decimal(18, 6)) as coverage,
        counted.is_provisional
    from counted
    inner join periods on counted.month_end = periods.period_end
)

select * from final
