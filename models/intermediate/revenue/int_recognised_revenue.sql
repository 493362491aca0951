-- grain: one amount of revenue and the days over which it is earned evenly
-- noqa: disable=LT02
with invoice_lines as (
    select * from {{ ref('int_invoice_lines') }} where amount is not null and invoice_date is not null
),

deliveries as (
    select * from {{ ref('int_service_deliveries') }}
),

segments as (
    select * from {{ ref('int_recurring_segments') }} where not is_bridged and not is_pending
),

products as (
    select * from {{ ref('int_product_catalog') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

billed as (
    select
        invoice_lines.*,
        identity.customer_id,
        case
            when products.offer_type in ('maintenance', 'support', 'success', 'education', 'professional_services') then products.offer_type
            else 'product'
        end as service_line
    from invoice_lines
    inner join identity on invoice_lines.account_key = identity.account_key
    left join products on invoice_lines.product_key = products.product_key
),

delivered as (
    select deliveries.*, identity.customer_id
    from deliveries
    inner join identity on deliveries.account_key = identity.account_key
),

-- Work and courses that are recorded for a customer earn when they are delivered; its invoices for them are only bills.
delivered_lines as (
    select distinct customer_id, service_line from delivered
),

billed_customers as (
    select distinct customer_id from billed
),

earned as (
    select
        concat('invoice:', billed.invoice_line_id) as revenue_key,
        billed.system,
        billed.customer_id,
        billed.service_line,
        billed.product_key,
        cast(null as {{ dbt.type_string() }}) as offer_id,
        case
            when billed.service_line in ('maintenance', 'support', 'success') and billed.service_start_date < billed.service_end_date
                then 'by_day'
            else 'by_invoice'
        end as recognition,
        billed.amount,
        coalesce(billed.currency, '{{ var("reporting_currency") }}') as currency,
        billed.invoice_date,
        billed.service_start_date,
        billed.service_end_date
    from billed
    left join delivered_lines
        on billed.customer_id = delivered_lines.customer_id and billed.service_line = delivered_lines.service_line
    where delivered_lines.customer_id is null

    union all

    select
        concat('delivery:', delivery_key) as revenue_key,
        system,
        customer_id,
        service_line,
        product_key,
        offer_id,
        'by_delivery' as recognition,
        amount,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        delivered_date as invoice_date,
        cast(null as date) as service_start_date,
        cast(null as date) as service_end_date
    from delivered

    union all

    -- Customers whom nobody's invoices name: their contracts earn by day, what a month of them costs over that month.
    select
        concat('contract:', segments.contract_line_id, ':', cast(months.month_end as {{ dbt.type_string() }}), ':',
            cast(segments.start_date as {{ dbt.type_string() }})) as revenue_key,
        {{ dbt.split_part('segments.contract_line_id', "':'", 1) }} as system,
        segments.customer_id,
        case
            when products.offer_type in ('maintenance', 'support', 'success', 'education', 'professional_services') then products.offer_type
            else 'product'
        end as service_line,
        segments.product_key,
        cast(null as {{ dbt.type_string() }}) as offer_id,
        'by_contract' as recognition,
        {{ round_amount(
            'cast(segments.mrr_original_amount as double) * ' ~ dbt.datediff(
                'greatest(segments.start_date, months.month_start)',
                'least(coalesce(segments.end_date, ' ~ add_days('months.month_end', 1) ~ '), ' ~ add_days('months.month_end', 1) ~ ')', 'day'
            ) ~ ' / ' ~ dbt.datediff('months.month_start', add_days('months.month_end', 1), 'day')
        ) }} as amount,
        segments.currency,
        greatest(segments.start_date, months.month_start) as invoice_date,
        greatest(segments.start_date, months.month_start) as service_start_date,
        least(coalesce(segments.end_date, {{ add_days('months.month_end', 1) }}), {{ add_days('months.month_end', 1) }}) as service_end_date
    from segments
    inner join {{ ref('int_months') }} as months
        on segments.start_date <= months.month_end and (segments.end_date is null or segments.end_date > months.month_start)
    left join products on segments.product_key = products.product_key
    left join billed_customers on segments.customer_id = billed_customers.customer_id
    where billed_customers.customer_id is null and (segments.end_date is null or segments.start_date < segments.end_date)
),

final as (
    select
        earned.revenue_key,
        earned.system,
        earned.customer_id,
        earned.service_line,
        earned.product_key,
        coalesce(earned.offer_id, offers.offer_id) as offer_id,
        earned.recognition,
        {{ converted_amount('earned.amount', 'rates.rate') }} as amount,
        case when earned.recognition in ('by_day', 'by_contract') then earned.service_start_date else earned.invoice_date end as start_date,
        case
            when earned.recognition in ('by_day', 'by_contract') then earned.service_end_date
            else {{ add_days('earned.invoice_date', 1) }}
        end as end_date
    from earned
    left join rates on earned.currency = rates.currency
    left join {{ ref('int_offer_products') }} as offers on earned.product_key = offers.product_key
)

select * from final
