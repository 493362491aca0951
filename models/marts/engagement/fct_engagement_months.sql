-- grain: one active customer and month-end
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

engagements as (
    select customer_id, interaction_date, count(*) as engagement_count
    from {{ ref('int_interactions') }}
    where is_two_way
    group by customer_id, interaction_date
),

feeds as (
    select * from {{ ref('int_engagement_feeds') }}
),

recent as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        sum(
            case
                when engagements.interaction_date > {{ add_days('customer_months.snapshot_date', -var('engagement_window_days')) }}
                    then engagements.engagement_count
                else 0
            end
        ) as engagement_count,
        max(engagements.interaction_date) as last_engagement_date
    from customer_months
    inner join engagements
        on
            customer_months.customer_id = engagements.customer_id
            and engagements.interaction_date <= customer_months.snapshot_date
            and engagements.interaction_date
            > {{ add_days('customer_months.snapshot_date', -([var('engagement_window_days'), var('silent_days')] | max)) }}
    group by customer_months.customer_id, customer_months.month_end
),

-- A log without an entry for a month has ended; before its first one nothing is known.
measured as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        customer_months.snapshot_date,
        customer_months.tenure_months,
        customer_months.tenure_band,
        customer_months.is_provisional,
        recent.engagement_count,
        recent.last_engagement_date,
        coalesce(
            feeds.tracked_from_date <= {{ add_days('customer_months.snapshot_date', 1 - var('engagement_window_days')) }}
            and feeds.tracked_until_date >= {{ add_days('customer_months.snapshot_date', -31) }}, false
        ) as is_measured,
        coalesce(
            feeds.tracked_from_date <= {{ add_days('customer_months.snapshot_date', 1 - var('silent_days')) }}
            and feeds.tracked_until_date >= {{ add_days('customer_months.snapshot_date', -31) }}, false
        ) as is_silence_measured
    from customer_months
    left join recent on customer_months.customer_id = recent.customer_id and customer_months.month_end = recent.month_end
    left join feeds on customer_months.customer_id = feeds.customer_id
),

final as (
    select
        customer_id,
        month_end,
        tenure_months,
        tenure_band,
        cast(case when is_measured then coalesce(engagement_count, 0) end as integer) as engagement_count,
        cast(case when is_measured then coalesce(engagement_count, 0) > 0 end as boolean) as is_engaged,
        cast(
            case
                when tenure_months >= 6 and is_silence_measured
                    then coalesce(last_engagement_date, date '0001-01-01') <= {{ add_days('snapshot_date', -var('silent_days')) }}
            end as boolean
        ) as is_silent,
        is_provisional
    from measured
)

select * from final
