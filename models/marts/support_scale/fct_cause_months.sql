-- grain: one root cause with a fix and month, from the first month with a case
with opened as (
    select * from {{ ref('fct_case_events') }} where event = 'opened'
),

fixes as (
    select cause, min(fixed_date) as fixed_date
    from {{ ref('int_cause_fixes') }}
    group by cause
),

customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

months as (
    select * from {{ ref('int_months') }}
),

begun as (
    select min(month_number) as first_month_number from opened
),

-- Months are whole: the month in which a fix comes on any day but the first is neither before it nor after it.
fixed as (
    select
        cause,
        fixed_date,
        cast(extract(year from fixed_date) * 12 + extract(month from fixed_date) - 1 as integer) as fix_month_number,
        cast(
            extract(year from fixed_date) * 12 + extract(month from fixed_date) - 1
            + case when extract(day from fixed_date) = 1 then 0 else 1 end as integer
        ) as first_month_after
    from fixes
),

active as (
    select month_number, count(*) as active_customer_count
    from customer_months
    group by month_number
),

counted as (
    select cause, month_number, count(*) as case_count
    from opened
    where cause is not null
    group by cause, month_number
),

cause_months as (
    select
        fixed.cause,
        fixed.fixed_date,
        fixed.fix_month_number,
        fixed.first_month_after,
        months.month_end,
        months.month_number,
        months.is_provisional,
        begun.first_month_number,
        coalesce(counted.case_count, 0) as case_count,
        coalesce(active.active_customer_count, 0) as active_customer_count
    from fixed
    cross join months
    inner join begun on months.month_number >= begun.first_month_number
    left join counted on fixed.cause = counted.cause and months.month_number = counted.month_number
    left join active on months.month_number = active.month_number
),

-- Without three months on record before the fix nobody knows what it changed.
rates_before as (
    select
        cause,
        sum(case_count) as case_count,
        sum(active_customer_count) as active_customer_count
    from cause_months
    where
        month_number >= fix_month_number - 3
        and month_number < fix_month_number
        and first_month_number <= fix_month_number - 3
    group by cause
),

expected as (
    select
        cause_months.*,
        round(cast(rates_before.case_count as double) / nullif(rates_before.active_customer_count, 0), 6) as case_rate_before,
        cast(
            round(
                cast(rates_before.case_count as double) * cause_months.active_customer_count
                / nullif(rates_before.active_customer_count, 0),
                6
            ) as decimal(18, 6)
        ) as expected_cases
    from cause_months
    left join rates_before on cause_months.cause = rates_before.cause
),

final as (
    select
        cause,
        month_end,
        month_number,
        fixed_date,
        cast(month_number >= first_month_after and month_number < first_month_after + 12 as boolean) as is_after_fix,
        cast(case_count as bigint) as case_count,
        cast(active_customer_count as bigint) as active_customer_count,
        cast(case_rate_before as decimal(18, 6)) as case_rate_before,
        expected_cases,
        cast(expected_cases - case_count as decimal(18, 6)) as prevented_cases,
        is_provisional
    from expected
)

select * from final
