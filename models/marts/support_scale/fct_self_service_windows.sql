-- grain: one customer and period that it opened as an active customer
with retention as (
    select * from {{ ref('fct_retention') }} where is_active_at_opening
),

periods as (
    select
        *,
        {{ add_days(add_months(add_days('period_end', 1), '-window_months'), -1) }} as opening_date
    from {{ ref('int_periods') }}
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }}
),

visits as (
    select * from {{ ref('fct_self_service_sessions') }}
),

unmatched_feeds as (
    select * from {{ ref('int_unmatched_feeds') }} where record_kind = 'visits'
),

visits_begun as (
    select min(month_number) as first_visit_month_number from visits
),

windows as (
    select distinct opening_month_number from periods
),

-- Who visited in the twelve months before an opening.
users as (
    select visits.customer_id, windows.opening_month_number, count(*) as visit_count
    from (select distinct customer_id, month_number from visits) as visits
    inner join windows
        on visits.month_number > windows.opening_month_number - 12 and visits.month_number <= windows.opening_month_number
    group by visits.customer_id, windows.opening_month_number
),

-- What became of a customer is told by what it did before. Who is not seen in months of which only a part is on record is unknown, and so
-- is who matches nobody and of whom no visit tells.
final as (
    select
        retention.customer_id,
        retention.period_grain,
        retention.period_end,
        case
            when users.customer_id is not null then 'used'
            when coalesce(unmatched_feeds.told_from_date > periods.opening_date, unmatched_feeds.customer_id is not null) then 'unknown'
            when visits_begun.first_visit_month_number <= periods.opening_month_number - 11 then 'not_used'
            else 'unknown'
        end as self_service_band,
        retention.is_active_at_closing,
        adoption_months.sold_quantity as closing_sold_quantity,
        adoption_months.known_sold_quantity as closing_known_sold_quantity,
        adoption_months.adopted_quantity as closing_adopted_quantity,
        retention.is_provisional
    from retention
    inner join periods on retention.period_grain = periods.period_grain and retention.period_end = periods.period_end
    cross join visits_begun
    left join users
        on retention.customer_id = users.customer_id and periods.opening_month_number = users.opening_month_number
    left join unmatched_feeds on retention.customer_id = unmatched_feeds.customer_id
    left join adoption_months
        on retention.customer_id = adoption_months.customer_id and retention.period_end = adoption_months.month_end
)

select * from final
