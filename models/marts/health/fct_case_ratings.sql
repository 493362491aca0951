-- grain: one support case in scope and month in which it was closed or rated
with cases as (
    select * from {{ ref('int_cases') }} where is_in_scope
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

months as (
    select * from {{ ref('int_months') }}
),

events as (
    select
        case_key,
        account_key,
        {{ reporting_date('closed_at') }} as event_date,
        1 as closed_count,
        0 as rated_count,
        0 as satisfied_count
    from cases
    where closed_at is not null

    union all

    select
        case_key,
        account_key,
        rated_date as event_date,
        0 as closed_count,
        1 as rated_count,
        case when is_satisfied then 1 else 0 end as satisfied_count
    from cases
    where rated_date is not null and is_satisfied is not null
),

final as (
    select
        events.case_key,
        months.month_end,
        months.month_number,
        coalesce(identity.customer_id, 'unknown') as customer_id,
        cast(sum(events.closed_count) as integer) as closed_count,
        cast(sum(events.rated_count) as integer) as rated_count,
        cast(sum(events.satisfied_count) as integer) as satisfied_count
    from events
    inner join months on events.event_date >= months.month_start and events.event_date <= months.month_end
    left join identity on events.account_key = identity.account_key
    group by events.case_key, months.month_end, months.month_number, coalesce(identity.customer_id, 'unknown')
)

select * from final
