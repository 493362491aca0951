-- grain: one line of a posted Stripe invoice
{{ config(enabled='stripe' in var('systems'), materialized='table') }}

with lines as (

    select * from {{ ref('stg_stripe__invoice_line_item') }}

),

invoices as (

    select * from {{ ref('stg_stripe__invoice') }}

),

prices as (

    select * from {{ ref('stg_stripe__price') }}

),

items as (

    select * from {{ ref('stg_stripe__subscription_item') }}

),

-- Uncollectible is a question of cash: the service was invoiced, and a credit note would say if it was taken back.
posted_invoices as (

    select * from invoices
    where invoice_status in ('paid', 'open', 'uncollectible') and is_live and not is_deleted

),

-- Older lines do not name their item; there the subscription and the price do.
items_by_price as (

    select subscription_id, price_id, min(subscription_item_id) as subscription_item_id
    from items
    group by subscription_id, price_id

),

line_totals as (

    select invoice_id, sum(line_amount) as line_total_amount
    from lines
    where is_live
    group by invoice_id

),

described as (

    select
        lines.invoice_id,
        lines.invoice_line_id,
        posted_invoices.customer_id,
        coalesce(lines.subscription_id, posted_invoices.subscription_id) as subscription_id,
        lines.subscription_id is not null or lines.subscription_item_id is not null as has_own_subscription,
        lines.subscription_item_id as billed_item_id,
        -- A join on equal columns alone stays a hash join; a condition on one side would compare every pair.
        case
            when lines.subscription_item_id is null then coalesce(lines.subscription_id, posted_invoices.subscription_id)
        end as unnamed_item_subscription_id,
        lines.price_id,
        lines.line_type,
        lines.is_proration,
        lines.line_amount,
        lines.currency,
        lines.quantity,
        lines.service_start_date,
        lines.service_end_date,
        posted_invoices.invoice_date,
        posted_invoices.created_at as invoice_created_at,
        posted_invoices.recorded_date,
        -- What discounts on the invoice leave of each line. More than the lines is no discount, so they stand.
        case
            when line_totals.line_total_amount > posted_invoices.net_amount and posted_invoices.net_amount >= 0
                then cast(posted_invoices.net_amount / line_totals.line_total_amount as decimal(18, 12))
            else 1
        end as paid_share,
        prices.product_id,
        prices.recurring_interval,
        {{ interval_months('prices.recurring_interval', 'prices.recurring_interval_count') }} as interval_months,
        case
            when prices.usage_type = 'metered' then 'usage'
            when prices.price_type = 'one_time' then 'one_time'
            when prices.recurring_interval is not null then 'recurring'
            when lines.line_type = 'invoiceitem' and not lines.is_proration then 'one_time'
            when lines.subscription_id is not null or lines.subscription_item_id is not null then 'recurring'
            else 'one_time'
        end as charge_type
    from lines
    inner join posted_invoices
        on lines.invoice_id = posted_invoices.invoice_id
    inner join line_totals
        on lines.invoice_id = line_totals.invoice_id
    left join prices
        on lines.price_id = prices.price_id
    where lines.is_live

),

final as (

    select
        described.invoice_id,
        described.invoice_line_id,
        described.customer_id,
        case
            when described.has_own_subscription or described.charge_type <> 'one_time' then described.subscription_id
        end as subscription_id,
        case
            when described.charge_type <> 'one_time'
                then coalesce(
                    described.billed_item_id,
                    items_by_price.subscription_item_id,
                    described.subscription_id || ':' || coalesce(described.price_id, 'no_price')
                )
        end as item_id,
        described.price_id,
        described.product_id,
        described.charge_type,
        described.is_proration,
        described.line_amount,
        case
            when described.paid_share = 1 then described.line_amount
            else {{ round_amount('described.line_amount * described.paid_share') }}
        end as revenue_amount,
        described.currency,
        described.quantity,
        described.service_start_date,
        described.service_end_date,
        described.interval_months,
        described.invoice_date,
        described.invoice_created_at,
        described.recorded_date
    from described
    left join items_by_price
        on
            described.unnamed_item_subscription_id = items_by_price.subscription_id
            and described.price_id = items_by_price.price_id

)

select * from final
