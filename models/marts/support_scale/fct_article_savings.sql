-- grain: one support case that an agent closed with an article linked that was there before the case
with closed as (
    select * from {{ ref('fct_case_events') }} where event = 'closed' and not coalesce(is_automated, false)
),

cases as (
    select case_key, handle_role from {{ ref('int_cases') }}
),

accounts as (
    select * from {{ ref('int_accounts') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

hourly_rates as (
    select * from {{ ref('int_hourly_rates') }}
),

described as (
    select
        closed.*,
        cases.handle_role,
        -- A case has the region of its own account, else that of its customer.
        coalesce(accounts.region, customers.region) as region
    from closed
    inner join cases on closed.case_key = cases.case_key
    left join accounts on closed.account_key = accounts.account_key
    left join customers on closed.customer_id = customers.customer_id
),

linked as (
    select * from described where reused_link_count > 0
),

-- What the same kind of case takes without an article: same reason, same severity, twelve months.
unlinked_months as (
    select
        confirmed_reason,
        coalesce(severity, 'ungraded') as severity,
        month_number,
        count(handle_minutes) as case_count,
        sum(handle_minutes) as handle_minutes
    from described
    where not has_article and confirmed_reason is not null
    group by confirmed_reason, coalesce(severity, 'ungraded'), month_number
),

linked_kinds as (
    select distinct confirmed_reason, coalesce(severity, 'ungraded') as severity, month_number
    from linked
    where confirmed_reason is not null
),

comparable as (
    select
        linked_kinds.confirmed_reason,
        linked_kinds.severity,
        linked_kinds.month_number,
        sum(unlinked_months.case_count) as case_count,
        round(cast(sum(unlinked_months.handle_minutes) as double) / nullif(sum(unlinked_months.case_count), 0), 6) as mean_minutes
    from linked_kinds
    inner join unlinked_months
        on
            linked_kinds.confirmed_reason = unlinked_months.confirmed_reason
            and linked_kinds.severity = unlinked_months.severity
            and unlinked_months.month_number > linked_kinds.month_number - 12
            and unlinked_months.month_number <= linked_kinds.month_number
    group by linked_kinds.confirmed_reason, linked_kinds.severity, linked_kinds.month_number
),

-- The rate of the region comes before the one of all regions.
priced as (
    select
        linked.*,
        comparable.case_count as comparable_case_count,
        comparable.mean_minutes as comparable_minutes,
        coalesce(regional.hourly_amount, general.hourly_amount) as hourly_amount
    from linked
    left join comparable
        on
            linked.confirmed_reason = comparable.confirmed_reason
            and coalesce(linked.severity, 'ungraded') = comparable.severity
            and linked.month_number = comparable.month_number
    left join hourly_rates as regional
        on
            linked.handle_role = regional.role
            and linked.region = regional.region
            and linked.event_date >= regional.valid_from_date
            and (regional.next_from_date is null or linked.event_date < regional.next_from_date)
    left join hourly_rates as general
        on
            linked.handle_role = general.role
            and general.region = 'all'
            and linked.event_date >= general.valid_from_date
            and (general.next_from_date is null or linked.event_date < general.next_from_date)
),

final as (
    select
        case_key,
        event_date as closed_date,
        month_end,
        month_number,
        customer_id,
        confirmed_reason,
        severity,
        handle_minutes,
        cast(coalesce(comparable_case_count, 0) as bigint) as comparable_case_count,
        cast(comparable_minutes as decimal(18, 6)) as comparable_minutes,
        cast(cast(comparable_minutes as decimal(18, 6)) - handle_minutes as decimal(18, 6)) as saved_minutes,
        hourly_amount,
        cast(
            round((comparable_minutes - cast(handle_minutes as double)) * cast(hourly_amount as double) / 60, 6) as decimal(18, 6)
        ) as saved_amount
    from priced
)

select * from final
