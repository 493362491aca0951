-- grain: one support case in scope and one thing that happened to it: opened, closed
with cases as (
    select * from {{ ref('int_cases') }} where is_in_scope
),

classes as (
    select * from {{ ref('int_case_classes') }}
),

articles as (
    select * from {{ ref('int_case_articles') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- Whether articles were known before the case is asked of those whose own day is known.
linked as (
    select
        articles.case_key,
        cast(count(*) as bigint) as link_count,
        cast(count(articles.article_created_at) as bigint) as dated_link_count,
        cast(sum(case when articles.article_created_at < cases.created_at then 1 else 0 end) as bigint) as reused_link_count
    from articles
    inner join cases on articles.case_key = cases.case_key
    group by articles.case_key
),

-- A system of which no case has an article exports none: what its cases have is unknown.
linking_systems as (
    select distinct cases.system
    from cases
    inner join linked on cases.case_key = linked.case_key
),

-- What came before a day within twelve months is what came before it less what came before the same day a year ago: one running
-- sum over the days on which a cause had cases and the days a year before those.
cause_days as (
    select cause, {{ reporting_date('created_at') }} as case_date, count(*) as case_count
    from cases
    where cause is not null
    group by cause, {{ reporting_date('created_at') }}
),

cause_marks as (
    select cause, case_date, case_count from cause_days
    union all
    select cause, {{ add_months('case_date', -12) }} as case_date, 0 as case_count from cause_days
),

cause_sums as (
    select
        cause,
        case_date,
        coalesce(
            sum(sum(case_count)) over (
                partition by cause
                order by case_date asc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as earlier_count
    from cause_marks
    group by cause, case_date
),

known_causes as (
    select
        cause_days.cause,
        cause_days.case_date,
        cast(to_day.earlier_count - a_year_before.earlier_count as bigint) as earlier_cause_case_count
    from cause_days
    inner join cause_sums as to_day on cause_days.cause = to_day.cause and cause_days.case_date = to_day.case_date
    inner join cause_sums as a_year_before
        on cause_days.cause = a_year_before.cause and {{ add_months('cause_days.case_date', -12) }} = a_year_before.case_date
),

events as (
    select case_key, 'opened' as event, {{ reporting_date('created_at') }} as event_date
    from cases

    union all

    select case_key, 'closed' as event, {{ reporting_date('closed_at') }} as event_date
    from cases
    where closed_at is not null
),

final as (
    select
        events.case_key,
        events.event,
        events.event_date,
        months.month_end,
        months.month_number,
        cases.account_key,
        coalesce(identity.customer_id, 'unknown') as customer_id,
        cases.severity,
        cases.topic,
        cases.product_family,
        cases.release_name,
        cases.cause,
        classes.reported_reason,
        classes.confirmed_reason,
        classes.case_reason,
        cases.is_preventable,
        cases.is_automated,
        case when linking_systems.system is not null then linked.case_key is not null end as has_article,
        case when linking_systems.system is not null then coalesce(linked.dated_link_count, 0) end as dated_link_count,
        case when linking_systems.system is not null then coalesce(linked.reused_link_count, 0) end as reused_link_count,
        cases.first_reply_minutes,
        cases.first_reply_basis,
        cases.resolution_minutes,
        cases.resolution_basis,
        cases.handle_minutes,
        cases.is_satisfied,
        cases.rated_date,
        known_causes.earlier_cause_case_count,
        cases.agent_touch_count,
        cases.system_touch_count,
        cast(cases.reply_count as bigint) as reply_count,
        cast(cases.reopen_count as bigint) as reopen_count,
        cast(commitments.severity is not null as boolean) as has_commitment,
        -- Late on one of the times is late; a time that is not known may be late.
        case
            when cases.first_reply_minutes > commitments.first_reply_minutes or cases.resolution_minutes > commitments.resolution_minutes
                then false
            when
                (cases.first_reply_minutes is not null or commitments.first_reply_minutes is null)
                and (cases.resolution_minutes is not null or commitments.resolution_minutes is null)
                and commitments.severity is not null
                then true
        end as is_within_commitment
    from events
    inner join cases on events.case_key = cases.case_key
    inner join classes on events.case_key = classes.case_key
    inner join months on events.event_date >= months.month_start and events.event_date <= months.month_end
    left join identity on cases.account_key = identity.account_key
    left join {{ ref('service_level_commitments') }} as commitments on cases.severity = commitments.severity
    left join linked on events.case_key = linked.case_key
    left join linking_systems on cases.system = linking_systems.system
    left join known_causes
        on cases.cause = known_causes.cause and {{ reporting_date('cases.created_at') }} = known_causes.case_date
)

select * from final
