-- grain: one Stripe invoice
with invoices as (

    select * from {{ ref('base_stripe__invoice') }}

),

currency_exponents as (

    select * from {{ ref('currency_exponents') }}

),

final as (

    select
        invoices.id as invoice_id,
        invoices.customer_id,
        invoices.subscription_id,
        lower(invoices.status) as invoice_status,
        upper(invoices.currency) as currency,
        cast(
            {{ stripe_major_units(
                'invoices.total',
                'currency_exponents.minor_unit_exponent'
            ) }} as decimal(18, 6)
        ) as total_amount,
        -- Net of discounts and tax; a tax that is not exported is taken as none.
        cast(
            {{ stripe_major_units(
                'coalesce(invoices.total_excluding_tax, invoices.total - coalesce(invoices.tax, 0))',
                'currency_exponents.minor_unit_exponent'
            ) }}
            as decimal(18, 6)
        ) as net_amount,
        coalesce(invoices.created, invoices.status_transitions_finalized_at, invoices.period_end) as created_at,
        {{ reporting_date('coalesce(invoices.status_transitions_finalized_at, invoices.created, invoices.period_end)') }} as invoice_date,
        coalesce(invoices.is_deleted, false) as is_deleted,
        coalesce(invoices.livemode, true) as is_live,
        invoices._created_date as recorded_date
    from invoices
    left join currency_exponents
        on upper(invoices.currency) = currency_exponents.currency
    where invoices._row_status = 'accepted'

)

select * from final
