-- grain: one row: the day through which every system that feeds revenue has data
with recorded_days as (
    select * from {{ ref('int_recorded_days') }}
),

revenue_systems as (
    select distinct system from {{ ref('int_contract_lines') }}
    union
    select distinct system from {{ ref('int_invoice_lines') }}
),

newest as (
    select recorded_days.system, max(recorded_days.clock_date) as data_through_date
    from recorded_days
    inner join revenue_systems on recorded_days.system = revenue_systems.system
    group by recorded_days.system
),

final as (
    select min(data_through_date) as data_through_date
    from newest
)

select * from final
