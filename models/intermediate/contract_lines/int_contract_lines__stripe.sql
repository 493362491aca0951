-- grain: one stretch of a Stripe subscription item with one price, one quantity and one state
{{ config(enabled='stripe' in var('systems'), materialized='table') }}

{%- set never = "date '9999-12-31'" %}

with posted_lines as (

    select * from {{ ref('int_posted_lines__stripe') }}

),

items as (

    select * from {{ ref('stg_stripe__subscription_item') }}

),

prices as (

    select * from {{ ref('stg_stripe__price') }}

),

products as (

    select * from {{ ref('int_products__stripe') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions__stripe') }}

),

states as (

    select * from {{ ref('int_subscription_states__stripe') }}

),

-- What each item costs today.
present_items as (

    select
        items.subscription_item_id as item_id,
        items.subscription_id,
        subscriptions.customer_id,
        prices.product_id,
        prices.currency,
        prices.usage_type = 'metered' as is_metered,
        coalesce(items.current_period_start_date, subscriptions.current_period_start_date) as start_date,
        cast(items.quantity as decimal(18, 6)) as quantity,
        case
            when prices.usage_type = 'metered' then cast(null as decimal(18, 6))
            -- Tiers and included tax are not in the unit amount; the invoice of the period has them.
            when prices.billing_scheme = 'tiered' or prices.tax_behavior = 'inclusive' then cast(null as decimal(18, 6))
            else
                {{ round_amount("""
                    prices.unit_amount * cast(
                        case
                            when coalesce(prices.package_size, 1) <= 1 then coalesce(items.quantity, 1)
                            when prices.package_rounding = 'down' then floor(coalesce(items.quantity, 1) / prices.package_size)
                            else ceil(coalesce(items.quantity, 1) / prices.package_size)
                        end as decimal(10, 0)
                    ) / nullif(""" ~ interval_months('prices.recurring_interval', 'prices.recurring_interval_count') ~ """, 0)
                """) }}
        end as mrr_amount,
        items.recorded_date
    from items
    inner join subscriptions
        on items.subscription_id = subscriptions.subscription_id
    left join prices
        on items.price_id = prices.price_id

),

-- Prorations correct a part of a period; the state at the end of a month is that of the next regular line.
-- Tiers of one price are several lines.
billed_periods as (

    select
        item_id,
        invoice_id,
        service_start_date,
        service_end_date,
        min(subscription_id) as subscription_id,
        min(customer_id) as customer_id,
        min(product_id) as product_id,
        min(currency) as currency,
        min(charge_type) = 'usage' as is_metered,
        cast(sum(quantity) as decimal(18, 6)) as quantity,
        sum(line_amount) as line_amount,
        min(interval_months) as interval_months,
        min(invoice_created_at) as invoice_created_at,
        min(recorded_date) as recorded_date
    from posted_lines
    where
        charge_type <> 'one_time'
        and not is_proration
        and item_id is not null
        and service_start_date < service_end_date
    group by item_id, invoice_id, service_start_date, service_end_date

),

priced_periods as (

    select
        billed_periods.*,
        {{ round_amount(
            'billed_periods.line_amount / coalesce(billed_periods.interval_months, '
            ~ term_months('billed_periods.service_start_date', 'billed_periods.service_end_date') ~ ')'
        ) }} as mrr_amount,
        present_items.start_date as present_start_date
    from billed_periods
    left join present_items
        on billed_periods.item_id = present_items.item_id

),

-- An invoice made later for a time that starts earlier replaces what was invoiced for the days both cover.
compared_periods as (

    select
        *,
        max(invoice_created_at) over (
            partition by item_id
            order by service_start_date asc, invoice_created_at asc, invoice_id asc, service_end_date asc
            rows between unbounded preceding and 1 preceding
        ) as newest_earlier_created_at,
        max(service_end_date) over (
            partition by item_id
            order by service_start_date asc, invoice_created_at asc, invoice_id asc, service_end_date asc
            rows between unbounded preceding and 1 preceding
        ) as latest_earlier_end_date
    from priced_periods

),

standing_periods as (

    select
        *,
        row_number() over (
            partition by item_id
            order by service_start_date desc, invoice_created_at desc, invoice_id desc
        ) as recency
    from compared_periods
    where not coalesce(newest_earlier_created_at > invoice_created_at and latest_earlier_end_date > service_start_date, false)

),

-- The invoice of the current period, for items whose price alone does not tell the amount.
present_invoiced as (

    select item_id, mrr_amount
    from standing_periods
    where recency = 1 and present_start_date >= service_start_date and present_start_date < service_end_date

),

timeline as (

    select
        item_id,
        subscription_id,
        customer_id,
        product_id,
        currency,
        is_metered,
        quantity,
        mrr_amount,
        service_start_date as start_date,
        service_end_date as end_date,
        invoice_created_at,
        invoice_id,
        recorded_date
    from standing_periods
    -- From its current period on, today's item speaks.
    where present_start_date is null or service_start_date < present_start_date

    union all

    select
        present_items.item_id,
        present_items.subscription_id,
        present_items.customer_id,
        present_items.product_id,
        present_items.currency,
        coalesce(present_items.is_metered, false) as is_metered,
        present_items.quantity,
        coalesce(
            present_items.mrr_amount,
            case when not coalesce(present_items.is_metered, false) then present_invoiced.mrr_amount end
        ) as mrr_amount,
        present_items.start_date,
        {{ never }} as end_date,
        cast(null as timestamp) as invoice_created_at,
        cast(null as {{ dbt.type_string() }}) as invoice_id,
        present_items.recorded_date
    from present_items
    left join present_invoiced
        on present_items.item_id = present_invoiced.item_id
    where present_items.start_date is not null

),

followed as (

    select
        *,
        lead(start_date) over (
            partition by item_id
            order by start_date asc, invoice_created_at asc nulls last, invoice_id asc nulls last
        ) as next_start_date
    from timeline

),

trimmed as (

    select
        item_id,
        subscription_id,
        customer_id,
        product_id,
        currency,
        is_metered,
        quantity,
        mrr_amount,
        recorded_date,
        start_date,
        least(end_date, coalesce(next_start_date, {{ never }})) as end_date
    from followed
    where start_date < coalesce(next_start_date, {{ never }})

),

preceded as (

    select
        *,
        lag(end_date) over (partition by item_id order by start_date asc) as previous_end_date,
        lag(mrr_amount) over (partition by item_id order by start_date asc) as previous_mrr_amount,
        lag(quantity) over (partition by item_id order by start_date asc) as previous_quantity,
        lag(product_id) over (partition by item_id order by start_date asc) as previous_product_id,
        lag(currency) over (partition by item_id order by start_date asc) as previous_currency
    from trimmed

),

marked as (

    select
        *,
        case
            when
                (previous_end_date is distinct from start_date)
                or (previous_mrr_amount is distinct from mrr_amount)
                or (previous_quantity is distinct from quantity)
                or (previous_product_id is distinct from product_id)
                or (previous_currency is distinct from currency)
                then 1
            else 0
        end as is_new_segment
    from preceded

),

numbered as (

    select
        *,
        sum(is_new_segment) over (
            partition by item_id
            order by start_date asc
            rows between unbounded preceding and current row
        ) as segment_number
    from marked

),

segments as (

    select
        item_id,
        segment_number,
        min(subscription_id) as subscription_id,
        min(customer_id) as customer_id,
        min(product_id) as product_id,
        min(currency) as currency,
        max(case when is_metered then 1 else 0 end) = 1 as is_metered,
        min(quantity) as quantity,
        min(mrr_amount) as mrr_amount,
        min(start_date) as start_date,
        max(end_date) as end_date,
        min(recorded_date) as recorded_date
    from numbered
    group by item_id, segment_number

),

-- A subscription that is not exported has no states: its invoices stand as they are.
served as (

    select
        segments.item_id,
        segments.subscription_id,
        segments.customer_id,
        segments.product_id,
        segments.currency,
        segments.is_metered,
        segments.quantity,
        segments.mrr_amount,
        segments.recorded_date,
        coalesce(states.state, 'serving') as state,
        greatest(segments.start_date, coalesce(states.start_date, segments.start_date)) as start_date,
        least(segments.end_date, coalesce(states.end_date, {{ never }})) as end_date,
        coalesce(states.is_paused_at_end and states.end_date <= segments.end_date, false) as is_paused_at_end
    from segments
    left join subscriptions
        on segments.subscription_id = subscriptions.subscription_id
    left join states
        on
            segments.subscription_id = states.subscription_id
            and segments.start_date < coalesce(states.end_date, {{ never }})
            and segments.end_date > states.start_date
    where
        subscriptions.subscription_id is null
        or states.state in ('serving', 'trial', 'incomplete')

),

served_items as (

    select distinct item_id from served

),

-- An item that never came to be served is kept as a line of no day, so that every item is accounted for.
pieces as (

    select *, lead(start_date) over (partition by item_id order by start_date asc) is null as is_last
    from served

    union all

    select
        present_items.item_id,
        present_items.subscription_id,
        present_items.customer_id,
        present_items.product_id,
        present_items.currency,
        coalesce(present_items.is_metered, false) as is_metered,
        present_items.quantity,
        present_items.mrr_amount,
        present_items.recorded_date,
        'serving' as state,
        present_items.start_date,
        present_items.start_date as end_date,
        false as is_paused_at_end,
        true as is_last
    from present_items
    left join served_items
        on present_items.item_id = served_items.item_id
    where served_items.item_id is null

    union all

    -- Nor is an item dropped whose subscription is not exported; whose it is and whether it is served, nobody knows.
    select
        items.subscription_item_id as item_id,
        items.subscription_id,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        prices.product_id,
        prices.currency,
        false as is_metered,
        cast(items.quantity as decimal(18, 6)) as quantity,
        cast(null as decimal(18, 6)) as mrr_amount,
        items.recorded_date,
        'unknown' as state,
        items.current_period_start_date as start_date,
        cast(null as date) as end_date,
        false as is_paused_at_end,
        true as is_last
    from items
    left join subscriptions
        on items.subscription_id = subscriptions.subscription_id
    left join prices
        on items.price_id = prices.price_id
    where subscriptions.subscription_id is null

),

final as (

    select
        'stripe:' || pieces.item_id || ':' || case
            when pieces.state = 'unknown' then 'no_subscription'
            else coalesce(cast(pieces.start_date as {{ dbt.type_string() }}), 'undated')
        end as contract_line_id,
        'stripe' as system,
        'stripe:' || pieces.customer_id as account_key,
        'stripe:' || pieces.subscription_id as contract_key,
        cast(null as {{ dbt.type_string() }}) as renewal_of_contract_key,
        'stripe:' || pieces.product_id as product_key,
        case
            when products.offer_type in ('maintenance', 'support', 'success') then products.offer_type
            else 'subscription'
        end as line_type,
        coalesce(products.licence_model, 'subscription') as licence_model,
        pieces.start_date,
        nullif(pieces.end_date, {{ never }}) as end_date,
        subscriptions.current_period_start_date as term_start_date,
        subscriptions.current_period_end_date as term_end_date,
        pieces.quantity,
        products.unit_of_measure,
        pieces.mrr_amount,
        pieces.currency,
        cast(null as decimal(18, 6)) as escalator_rate,
        false as is_usage_commitment,
        case
            when pieces.is_last or subscriptions.cancel_requested_date < pieces.end_date then subscriptions.cancel_requested_date
        end as cancel_requested_date,
        case
            when subscriptions.is_cancelled and (pieces.is_last or subscriptions.cancel_requested_date < pieces.end_date) then true
            -- Taken off a subscription that goes on with other items: a decision, no lapse.
            when pieces.is_last and subscriptions.has_items and present_items.item_id is null then true
            else false
        end as is_cancelled,
        pieces.is_paused_at_end,
        case when subscriptions.past_due_from_date < pieces.end_date then subscriptions.past_due_from_date end as past_due_from_date,
        case
            when not subscriptions.is_live then 'test_mode'
            when subscriptions.is_deleted_undated then 'deleted'
            when pieces.state = 'unknown' then 'no_account'
            when pieces.is_metered then 'usage'
            when pieces.state in ('trial', 'incomplete') then pieces.state
            when pieces.start_date is null then 'no_start_date'
            when pieces.mrr_amount is null then 'no_amount'
        end as exclusion_reason,
        pieces.recorded_date
    from pieces
    left join subscriptions
        on pieces.subscription_id = subscriptions.subscription_id
    left join present_items
        on pieces.item_id = present_items.item_id
    left join products
        on pieces.product_id = products.product_id

)

select * from final
