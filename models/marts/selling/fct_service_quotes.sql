-- grain: one quote for services: all versions of a quote to one deal, of which the one that counts has a service line
-- noqa: disable=LT02,LT05
with deals as (
    select * from {{ ref('int_quote_deals') }}
),

quote_lines as (
    select * from {{ ref('int_quote_lines') }}
),

service_lines as (
    select * from {{ ref('fct_service_quote_lines') }}
),

decisions as (
    select * from {{ ref('int_quote_decisions') }}
),

approvals as (
    select * from {{ ref('int_quote_approvals') }}
),

bookings as (
    select * from {{ ref('int_bookings') }}
),

quotes as (
    select * from {{ ref('int_quotes') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

-- Whether quotes are approved at all is known from the first request on.
any_approval as (
    select min({{ reporting_date('submitted_at') }}) as first_submitted_date from approvals
),

quoted as (
    select quote_key, case when count(net_amount) = count(*) then sum(net_amount) end as quoted_amount
    from quote_lines
    group by quote_key
),

line_sums as (
    select
        quote_key,
        count(*) as service_line_count,
        count(case when is_custom then 1 end) as custom_line_count,
        count(is_custom) as known_custom_line_count,
        max(case when is_bundle then 1 when not is_bundle then 0 end) as bundle_flag,
        sum(case when list_amount > 0 and net_amount is not null then list_amount end) as list_amount,
        sum(case when list_amount > 0 then net_amount end) as net_amount,
        sum(net_amount) as service_amount,
        count(is_within_policy) as policy_line_count,
        count(case when is_within_policy then 1 end) as compliant_line_count,
        count(is_fitting) as ruled_line_count,
        count(case when is_fitting then 1 end) as fitting_line_count
    from service_lines
    group by quote_key
),

-- Whether a booking names its quote is known of systems that do so at all.
naming as (
    select system, count(source_quote_key) > 0 as is_naming
    from bookings
    group by system
),

booked_deals as (
    select
        bookings.*,
        naming.is_naming,
        coalesce(bookings.opportunity_key, quotes.opportunity_key, quotes.quote_key) as deal_key
    from bookings
    inner join naming on bookings.system = naming.system
    left join quotes on bookings.source_quote_key = quotes.quote_key
),

booked as (
    select
        booked_deals.deal_key,
        min(booked_deals.booked_date) as booked_date,
        min(booked_deals.scheduled_date) as scheduled_date,
        min(booked_deals.corrected_date) as corrected_date,
        count(*) as booking_count,
        case
            when min(case when booked_deals.is_naming then 1 else 0 end) = 1
                then count(case when booked_deals.source_quote_key is null then 1 end)
        end as rekeyed_booking_count,
        -- What is booked in another currency cannot be held against the quote.
        case
            when
                count(booked_deals.booked_amount) = count(*)
                and min(case when coalesce(booked_deals.currency, deals.currency) = deals.currency then 1 else 0 end) = 1
                then sum(booked_deals.booked_amount)
        end as booked_amount
    from booked_deals
    inner join deals on booked_deals.deal_key = deals.deal_key
    where deals.accepted_at is not null
    group by booked_deals.deal_key
),

joined as (
    select
        deals.*,
        coalesce(customers.segment, 'unknown') as customer_segment,
        coalesce(deals.region, customers.region, 'unknown') as deal_region,
        coalesce(deals.channel, customers.channel, 'unknown') as deal_channel,
        line_sums.service_line_count,
        line_sums.custom_line_count,
        line_sums.known_custom_line_count,
        line_sums.bundle_flag,
        line_sums.list_amount as service_list_amount,
        line_sums.net_amount as service_net_amount,
        line_sums.service_amount,
        line_sums.policy_line_count,
        line_sums.compliant_line_count,
        line_sums.ruled_line_count,
        line_sums.fitting_line_count,
        decisions.submitted_at,
        decisions.decision,
        decisions.decided_at,
        case
            when decisions.is_automatic then 'automatic'
            when not decisions.is_automatic then 'manual'
            when {{ reporting_date('deals.created_at') }} >= any_approval.first_submitted_date then 'none'
            else 'unknown'
        end as approval_kind,
        case when booked.booked_date <= clock.as_of_date then booked.booked_date end as booked_date,
        case when booked.scheduled_date <= clock.as_of_date then booked.scheduled_date end as scheduled_date,
        booked.corrected_date,
        booked.booking_count,
        booked.rekeyed_booking_count,
        case
            when deals.last_created_at > deals.presented_at then true
            when deals.presented_at is not null or deals.version_count = 1 then false
        end as is_revised,
        abs(booked.booked_amount - coalesce(deals.net_amount, quoted.quoted_amount)) >= 0.005 as is_booked_otherwise
    from deals
    inner join line_sums on deals.quote_key = line_sums.quote_key
    left join quoted on deals.quote_key = quoted.quote_key
    left join customers on deals.customer_id = customers.customer_id
    left join decisions on deals.deal_key = decisions.deal_key
    left join booked on deals.deal_key = booked.deal_key
    cross join any_approval
    cross join clock
),

final as (
    select
        quote_key,
        deal_key,
        opportunity_key,
        customer_id,
        customer_segment as segment,
        deal_region as region,
        deal_channel as channel,
        rep_id,
        sale_kind,
        cast(version_count as integer) as version_count,
        {{ reporting_date('created_at') }} as created_date,
        {{ reporting_date('configured_at') }} as configured_date,
        {{ reporting_date('proposal_at') }} as proposal_date,
        {{ reporting_date('decided_at') }} as decided_date,
        accepted_date,
        booked_date,
        scheduled_date,
        {{ days_between('created_at', 'configured_at') }} as configuration_days,
        {{ days_between('configured_at', 'proposal_at') }} as proposal_days,
        {{ days_between('created_at', 'accepted_at') }} as cycle_days,
        case
            when approval_kind = 'manual' and decided_at >= submitted_at
                then cast(
                    round({{ business_minutes('submitted_at', 'decided_at') }} / cast({{ business_day_minutes() }} as double), 6)
                    as decimal(18, 6)
                )
        end as approval_days,
        case
            when booked_date >= accepted_date then cast({{ dbt.datediff('accepted_date', 'booked_date', 'day') }} as decimal(18, 6))
        end as booking_days,
        case
            when scheduled_date >= booked_date then cast({{ dbt.datediff('booked_date', 'scheduled_date', 'day') }} as decimal(18, 6))
        end as scheduling_days,
        is_guided,
        is_on_demand,
        is_on_platform,
        is_proposal_automated,
        cast(bundle_flag = 1 as boolean) as has_bundle,
        has_custom_sow,
        is_esigned,
        approval_kind,
        cast(case when decided_at is not null then approval_kind = 'automatic' end as boolean) as is_automatic,
        cast(case when decided_at is not null then decision = 'rejected' end as boolean) as is_rejected,
        -- An error shows when the deal is booked, or when it is put right within 30 days.
        cast(
            case
                when is_booked_otherwise or corrected_date <= {{ add_days('accepted_date', 30) }} then true
                when not is_booked_otherwise then false
            end as boolean
        ) as has_error,
        cast(
            case
                when is_revised or is_booked_otherwise then false
                when not is_revised and not is_booked_otherwise then true
            end as boolean
        ) as is_right_first_time,
        cast(service_line_count as integer) as service_line_count,
        cast(custom_line_count as integer) as custom_line_count,
        cast(known_custom_line_count as integer) as known_custom_line_count,
        cast(policy_line_count as integer) as policy_line_count,
        cast(compliant_line_count as integer) as compliant_line_count,
        cast(ruled_line_count as integer) as ruled_line_count,
        cast(fitting_line_count as integer) as fitting_line_count,
        cast(service_list_amount as decimal(18, 6)) as list_amount,
        cast(service_net_amount as decimal(18, 6)) as net_amount,
        cast(service_amount as decimal(18, 6)) as service_amount,
        cast(booking_count as integer) as booking_count,
        cast(rekeyed_booking_count as integer) as rekeyed_booking_count
    from joined
)

select * from final
