-- grain: one customer and period: active at its end, or with a defect case opened in it
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

opened as (
    select * from {{ ref('fct_case_events') }} where event = 'opened' and customer_id <> 'unknown'
),

engagements as (
    select * from {{ ref('int_distinct_engagements') }} where is_intervention or (is_two_way and mode = 'high_touch')
),

logged as (
    select * from {{ ref('int_engagements') }} where is_completed
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

unmatched_feeds as (
    select * from {{ ref('int_unmatched_feeds') }} where record_kind = 'cases'
),

-- Before the first case that has a reason nobody counted defects.
begun as (
    select min(month_number) as first_month_number from opened where case_reason is not null
),

logs as (
    select system, min(engagement_date) as tracked_from_date, max(engagement_date) as tracked_until_date
    from logged
    group by system
),

-- A customer whom a log of engagements knows, and whose entries are lacking, was not contacted.
feeds as (
    select
        identity.customer_id,
        min(logs.tracked_from_date) as tracked_from_date,
        max(logs.tracked_until_date) as tracked_until_date
    from identity
    inner join logs on identity.system = logs.system
    group by identity.customer_id
),

-- People spoke with the customer, or stepped in, within 30 days after it had opened the case.
followed as (
    select
        opened.case_key,
        opened.customer_id,
        opened.month_number,
        count(engagements.engagement_key) > 0 as is_followed
    from opened
    left join engagements
        on
            opened.customer_id = engagements.customer_id
            and engagements.engagement_date >= opened.event_date
            and engagements.engagement_date <= {{ add_days('opened.event_date', 30) }}
    where opened.case_reason = 'defect'
    group by opened.case_key, opened.customer_id, opened.month_number
),

case_months as (
    select
        opened.customer_id,
        opened.month_number,
        count(followed.case_key) as defect_case_count,
        count(case when opened.case_reason is null then 1 end) as unclassified_case_count,
        count(case when followed.is_followed then 1 end) as followed_case_count,
        -- Not followed, and known to be: the log reaches over the 30 days.
        count(
            case
                when
                    not followed.is_followed
                    and feeds.tracked_from_date <= opened.event_date
                    and feeds.tracked_until_date >= {{ add_days('opened.event_date', 30) }}
                    then 1
            end
        ) as neglected_case_count
    from opened
    left join followed on opened.case_key = followed.case_key
    left join feeds on opened.customer_id = feeds.customer_id
    group by opened.customer_id, opened.month_number
),

case_periods as (
    select
        case_months.customer_id,
        periods.period_grain,
        periods.period_end,
        sum(case_months.defect_case_count) as defect_case_count,
        sum(case_months.unclassified_case_count) as unclassified_case_count,
        sum(case_months.followed_case_count) as followed_case_count,
        sum(case_months.neglected_case_count) as neglected_case_count
    from case_months
    inner join periods
        on case_months.month_number > periods.opening_month_number and case_months.month_number <= periods.closing_month_number
    group by case_months.customer_id, periods.period_grain, periods.period_end
),

subjects as (
    select customer_months.customer_id, periods.period_grain, periods.period_end
    from customer_months
    inner join periods on customer_months.month_end = periods.period_end
    union
    select customer_id, period_grain, period_end from case_periods where defect_case_count > 0
),

final as (
    select
        subjects.customer_id,
        subjects.period_grain,
        subjects.period_end,
        customer_months.customer_id is not null as is_active,
        cast(coalesce(case_periods.defect_case_count, 0) as bigint) as defect_case_count,
        cast(coalesce(case_periods.followed_case_count, 0) as bigint) as followed_case_count,
        cast(
            case
                when case_periods.defect_case_count > 0 then true
                -- What nobody classified may have been a defect.
                when case_periods.unclassified_case_count > 0 then null
                -- Of who matches nobody the help desk tells once it knows it.
                when coalesce(unmatched_feeds.told_from_date > periods.period_end, unmatched_feeds.customer_id is not null) then null
                when periods.opening_month_number >= begun.first_month_number - 1 then false
            end as boolean
        ) as is_hit,
        cast(
            case
                when case_periods.neglected_case_count > 0 then false
                when case_periods.defect_case_count > 0 and case_periods.followed_case_count = case_periods.defect_case_count then true
            end as boolean
        ) as is_mitigated,
        periods.is_provisional
    from subjects
    inner join periods on subjects.period_grain = periods.period_grain and subjects.period_end = periods.period_end
    cross join begun
    left join customer_months
        on subjects.customer_id = customer_months.customer_id and subjects.period_end = customer_months.month_end
    left join unmatched_feeds on subjects.customer_id = unmatched_feeds.customer_id
    left join case_periods
        on
            subjects.customer_id = case_periods.customer_id
            and subjects.period_grain = case_periods.period_grain
            and subjects.period_end = case_periods.period_end
)

select * from final
