-- grain: one line of a posted Zuora invoice or credit memo
{{ config(enabled='zuora' in var('systems'), materialized='view') }}

-- An invoice that was reversed as a whole is left out together with the credit memo that reverses it.
with invoices as (
    select * from {{ ref('stg_zuora__invoice') }} where not is_deleted
),

invoice_items as (
    select * from {{ ref('stg_zuora__invoice_item') }} where not is_deleted and not is_tax
),

credit_memos as (
    select * from {{ ref('stg_zuora__credit_memo') }} where not is_deleted
),

credit_memo_items as (
    select * from {{ ref('stg_zuora__credit_memo_item') }} where not is_deleted
),

-- Old and deleted segments still tell what an old invoice was for.
charges as (
    select * from {{ ref('stg_zuora__rate_plan_charge') }}
),

versions as (
    select * from {{ ref('int_contract_versions__zuora') }}
),

accounts as (
    select * from {{ ref('stg_zuora__account') }}
),

products as (
    select * from {{ ref('int_products__zuora') }}
),

documents as (
    select
        invoice_items.invoice_item_id as line_id,
        invoices.invoice_id,
        coalesce(invoice_items.account_id, invoices.account_id) as account_id,
        invoices.invoice_date,
        invoice_items.subscription_id,
        invoice_items.product_id,
        invoice_items.rate_plan_charge_id,
        invoice_items.charge_amount as amount,
        coalesce(invoice_items.currency, invoices.currency) as currency,
        invoice_items.quantity,
        invoice_items.service_start_date,
        invoice_items.service_end_date,
        invoice_items.recorded_date
    from invoice_items
    inner join invoices on invoice_items.invoice_id = invoices.invoice_id
    where invoices.invoice_status = 'posted' and not invoices.is_reversed
    union all
    select
        credit_memo_items.credit_memo_item_id as line_id,
        credit_memos.credit_memo_id as invoice_id,
        credit_memos.account_id,
        credit_memos.memo_date as invoice_date,
        credit_memo_items.subscription_id,
        credit_memo_items.product_id,
        credit_memo_items.rate_plan_charge_id,
        -credit_memo_items.amount_without_tax as amount,
        coalesce(credit_memo_items.currency, credit_memos.currency) as currency,
        credit_memo_items.quantity,
        credit_memo_items.service_start_date,
        credit_memo_items.service_end_date,
        credit_memo_items.recorded_date
    from credit_memo_items
    inner join credit_memos on credit_memo_items.credit_memo_id = credit_memos.credit_memo_id
    left join invoices on credit_memos.referred_invoice_id = invoices.invoice_id
    where credit_memos.credit_memo_status = 'posted' and not coalesce(invoices.is_reversed, false)
),

typed as (
    select
        documents.*,
        versions.contract_key,
        -- The owner of the subscription is the customer, also where somebody else pays; its recurring revenue stands there too.
        coalesce(versions.account_id, documents.account_id) as customer_account_id,
        'zuora:' || coalesce(documents.product_id, charges.product_id) as product_key,
        case charges.charge_type
            when 'recurring' then 'recurring'
            when 'onetime' then 'one_time'
            when 'usage' then 'usage'
        end as charge_type
    from documents
    left join charges on documents.rate_plan_charge_id = charges.rate_plan_charge_id
    left join versions on documents.subscription_id = versions.subscription_id
),

final as (
    select
        'zuora:' || typed.line_id as invoice_line_id,
        'zuora' as system,
        'zuora:' || typed.customer_account_id as account_key,
        typed.invoice_id,
        typed.invoice_date,
        typed.contract_key,
        typed.product_key,
        typed.charge_type,
        case
            when typed.charge_type = 'one_time' and products.licence_model = 'perpetual' then 'perpetual'
            when typed.charge_type = 'recurring' then 'subscription'
        end as licence_model,
        {{ round_amount('typed.amount') }} as amount,
        coalesce(typed.currency, accounts.currency) as currency,
        typed.quantity,
        typed.service_start_date,
        typed.service_end_date,
        -- Zuora prorates within the item and writes no proration lines of its own.
        false as is_proration,
        typed.recorded_date
    from typed
    left join accounts on typed.customer_account_id = accounts.account_id
    left join products on typed.product_key = products.product_key
)

select * from final
