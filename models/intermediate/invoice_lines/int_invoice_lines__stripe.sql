-- grain: one line of a posted Stripe invoice, or one credit note
{{ config(enabled='stripe' in var('systems'), materialized='view') }}

with lines as (

    select * from {{ ref('int_posted_lines__stripe') }}

),

invoices as (

    select * from {{ ref('stg_stripe__invoice') }}

),

credit_notes as (

    select * from {{ ref('stg_stripe__credit_note') }}

),

products as (

    select * from {{ ref('int_products__stripe') }}

),

billed as (

    select
        lines.*,
        case
            when lines.charge_type = 'recurring' then 'subscription'
            -- The product's model is that of the licence; a service on a perpetual licence is no sale of one.
            when lines.charge_type = 'one_time' and products.offer_type = 'product' then products.licence_model
        end as licence_model
    from lines
    left join products
        on lines.product_id = products.product_id

),

live_credit_notes as (

    select credit_notes.*
    from credit_notes
    where credit_notes.is_live and not credit_notes.is_void

),

credited_invoices as (

    select distinct invoice_id from live_credit_notes

),

-- A credit note names its invoice, not its lines: it takes the kind of the largest line,
-- and contract, product and model where all lines agree.
credited_lines as (

    select
        billed.invoice_id,
        billed.customer_id,
        billed.subscription_id,
        billed.product_id,
        billed.licence_model,
        billed.charge_type,
        row_number() over (
            partition by billed.invoice_id
            order by billed.line_amount desc nulls last, billed.invoice_line_id asc
        ) as size_rank
    from billed
    inner join credited_invoices
        on billed.invoice_id = credited_invoices.invoice_id

),

credited as (

    select
        invoice_id,
        max(customer_id) as customer_id,
        max(case when size_rank = 1 then charge_type end) as charge_type,
        case
            when count(distinct subscription_id) = 1 and count(subscription_id) = count(*) then max(subscription_id)
        end as subscription_id,
        case
            when count(distinct product_id) = 1 and count(product_id) = count(*) then max(product_id)
        end as product_id,
        case
            when count(distinct licence_model) = 1 and count(licence_model) = count(*) then max(licence_model)
        end as licence_model
    from credited_lines
    group by invoice_id

),

final as (

    select
        'stripe:' || invoice_id || ':' || invoice_line_id as invoice_line_id,
        'stripe' as system,
        'stripe:' || customer_id as account_key,
        'stripe:' || invoice_id as invoice_id,
        invoice_date,
        'stripe:' || subscription_id as contract_key,
        'stripe:' || product_id as product_key,
        charge_type,
        licence_model,
        revenue_amount as amount,
        currency,
        cast(quantity as decimal(18, 6)) as quantity,
        case when service_start_date < service_end_date then service_start_date end as service_start_date,
        case when service_start_date < service_end_date then service_end_date end as service_end_date,
        is_proration,
        recorded_date
    from billed

    union all

    select
        'stripe:' || live_credit_notes.credit_note_id as invoice_line_id,
        'stripe' as system,
        'stripe:' || credited.customer_id as account_key,
        'stripe:' || live_credit_notes.invoice_id as invoice_id,
        coalesce(live_credit_notes.credit_date, invoices.invoice_date) as invoice_date,
        'stripe:' || credited.subscription_id as contract_key,
        'stripe:' || credited.product_id as product_key,
        credited.charge_type,
        credited.licence_model,
        -- Net of tax: as exported, else the invoice's own share of tax.
        -coalesce(
            live_credit_notes.net_amount,
            case
                when invoices.total_amount > invoices.net_amount and invoices.net_amount >= 0
                    then {{ round_amount(
                        'live_credit_notes.total_amount * cast(invoices.net_amount / invoices.total_amount as decimal(10, 9))'
                    ) }}
                else live_credit_notes.total_amount
            end
        ) as amount,
        live_credit_notes.currency,
        cast(null as decimal(18, 6)) as quantity,
        cast(null as date) as service_start_date,
        cast(null as date) as service_end_date,
        false as is_proration,
        live_credit_notes.recorded_date
    from live_credit_notes
    inner join credited
        on live_credit_notes.invoice_id = credited.invoice_id
    inner join invoices
        on live_credit_notes.invoice_id = invoices.invoice_id

)

select * from final
