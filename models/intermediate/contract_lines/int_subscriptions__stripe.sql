-- grain: one Stripe subscription as it is today
{{ config(enabled='stripe' in var('systems'), materialized='table') }}

with versions as (

    select * from {{ ref('stg_stripe__subscription_history') }}

),

items as (

    select * from {{ ref('stg_stripe__subscription_item') }}

),

prices as (

    select * from {{ ref('stg_stripe__price') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by subscription_id
            order by is_active_version desc nulls last, valid_from_at desc nulls last, synced_at desc nulls last
        ) as version_rank,
        max(
            case when subscription_status in ('active', 'trialing') then valid_from_at end
        ) over (partition by subscription_id) as last_healthy_at
    from versions

),

present as (

    select * from ranked
    where version_rank = 1

),

history as (

    select
        subscription_id,
        -- Past due since the first failed period after which it never was healthy again, also if it went on to unpaid or canceled.
        min(
            case
                when subscription_status = 'past_due' and (last_healthy_at is null or valid_from_at > last_healthy_at)
                    then valid_from_date
            end
        ) as past_due_from_date,
        min(case when subscription_status = 'canceled' then valid_from_date end) as first_canceled_date,
        -- No version in force: the subscription was deleted in Stripe. Null where the loader keeps no such mark.
        max(case when is_active_version then 1 when not is_active_version then 0 end) as has_active_version,
        max(valid_to_date) as last_valid_to_date
    from ranked
    group by subscription_id

),

-- Every item of a subscription is billed by the same interval.
item_facts as (

    select
        items.subscription_id,
        min(items.current_period_start_date) as current_period_start_date,
        max(items.current_period_end_date) as current_period_end_date,
        min({{ interval_months('prices.recurring_interval', 'prices.recurring_interval_count') }}) as invoice_months
    from items
    left join prices
        on items.price_id = prices.price_id
    group by items.subscription_id

),

described as (

    select
        present.subscription_id,
        present.customer_id,
        present.subscription_status,
        present.is_live,
        coalesce(present.current_period_start_date, item_facts.current_period_start_date) as current_period_start_date,
        coalesce(present.current_period_end_date, item_facts.current_period_end_date) as current_period_end_date,
        present.trial_start_date,
        present.trial_end_date,
        present.cancel_date,
        present.is_cancelled_at_period_end,
        present.cancel_requested_date,
        present.ended_date,
        -- The company's own words first. cancellation_requested says who ended it, not why.
        {{ reason_key("coalesce(
            nullif(trim(present.cancel_reason), ''),
            present.cancellation_feedback,
            nullif(present.cancellation_reason, 'cancellation_requested')
        )") }} as cancel_reason_key,
        present.recorded_date,
        item_facts.subscription_id is not null as has_items,
        item_facts.invoice_months,
        history.first_canceled_date,
        coalesce(history.has_active_version = 0, false) as is_deleted,
        case when history.has_active_version = 0 then history.last_valid_to_date end as deleted_date,
        coalesce(
            history.past_due_from_date,
            case
                when present.subscription_status = 'past_due'
                    then coalesce(present.current_period_start_date, item_facts.current_period_start_date)
            end
        ) as past_due_from_date
    from present
    inner join history
        on present.subscription_id = history.subscription_id
    left join item_facts
        on present.subscription_id = item_facts.subscription_id

),

ended as (

    select
        *,
        case
            when ended_date is not null then ended_date
            when is_cancelled_at_period_end then coalesce(current_period_end_date, cancel_date)
            when cancel_date is not null then cancel_date
            when subscription_status = 'canceled' then coalesce(cancel_requested_date, first_canceled_date, current_period_start_date)
            when is_deleted then deleted_date
        end as service_end_date
    from described

),

final as (

    select
        subscription_id,
        customer_id,
        subscription_status,
        is_live,
        current_period_start_date,
        current_period_end_date,
        trial_start_date,
        trial_end_date,
        service_end_date,
        -- Planned or done: either way the end, when it comes, is no lapse.
        subscription_status = 'canceled' or service_end_date is not null or is_deleted as is_cancelled,
        case
            when subscription_status = 'canceled' or service_end_date is not null or is_deleted
                then coalesce(cancel_requested_date, case when subscription_status = 'canceled' then service_end_date end)
        end as cancel_requested_date,
        past_due_from_date,
        is_deleted and service_end_date is null as is_deleted_undated,
        has_items,
        invoice_months,
        cancel_reason_key,
        recorded_date
    from ended

)

select * from final
