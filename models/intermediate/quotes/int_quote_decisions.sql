-- grain: one deal of which a quote was to be approved within the company
with approvals as (
    select * from {{ ref('int_quote_approvals') }} where decision <> 'recalled'
),

quotes as (
    select * from {{ ref('int_quotes') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

-- What was decided after the day of the warehouse is pending.
requests as (
    select
        approvals.approval_key,
        approvals.submitted_at,
        approvals.is_automatic,
        approvals.is_exception,
        case when {{ reporting_date('approvals.decided_at') }} <= clock.as_of_date then approvals.decided_at end as decided_at,
        case when {{ reporting_date('approvals.decided_at') }} <= clock.as_of_date then approvals.decision else 'pending' end as decision,
        coalesce(quotes.opportunity_key, quotes.quote_key) as deal_key
    from approvals
    inner join quotes on approvals.quote_key = quotes.quote_key
    cross join clock
),

ordered as (
    select
        *,
        row_number() over (
            partition by deal_key
            order by
                case when decision = 'pending' then 0 else 1 end asc,
                decided_at desc,
                case when decision = 'rejected' then 0 else 1 end asc,
                approval_key asc
        ) as preference
    from requests
),

-- Decided once nothing is pending: from the first request to the last decision.
final as (
    select
        deal_key,
        min(submitted_at) as submitted_at,
        max(case when preference = 1 then decided_at end) as decided_at,
        max(case when preference = 1 then decision end) as decision,
        min(case when is_automatic then 1 else 0 end) = 1 as is_automatic,
        min(case when is_exception and decision = 'approved' then decided_at end) as excepted_at
    from ordered
    group by deal_key
)

select * from final
