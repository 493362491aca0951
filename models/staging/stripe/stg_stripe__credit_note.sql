-- grain: one Stripe credit note
with credit_notes as (

    select * from {{ ref('base_stripe__credit_note') }}

),

invoices as (

    select * from {{ ref('stg_stripe__invoice') }}

),

currency_exponents as (

    select * from {{ ref('currency_exponents') }}

),

final as (

    select
        credit_notes.id as credit_note_id,
        credit_notes.invoice_id,
        coalesce(upper(credit_notes.currency), invoices.currency) as currency,
        cast(
            {{ stripe_major_units(
                'coalesce(credit_notes.total, credit_notes.amount)',
                'currency_exponents.minor_unit_exponent'
            ) }} as decimal(18, 6)
        ) as total_amount,
        cast(
            {{ stripe_major_units(
                'credit_notes.total_excluding_tax',
                'currency_exponents.minor_unit_exponent'
            ) }} as decimal(18, 6)
        ) as net_amount,
        coalesce(lower(credit_notes.status) = 'void', false) or credit_notes.voided_at is not null as is_void,
        {{ reporting_date('credit_notes.created') }} as credit_date,
        coalesce(credit_notes.livemode, true) as is_live,
        credit_notes._created_date as recorded_date
    from credit_notes
    left join invoices
        on credit_notes.invoice_id = invoices.invoice_id
    left join currency_exponents
        on coalesce(upper(credit_notes.currency), invoices.currency) = currency_exponents.currency
    where credit_notes._row_status = 'accepted'

)

select * from final
