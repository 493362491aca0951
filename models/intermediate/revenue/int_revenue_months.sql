-- grain: one customer and month with an invoice or credit note
with invoice_lines as (
    select * from {{ ref('int_invoice_lines') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

rates as (
    {% if var('fx_mode') == 'as_reported' %}
    select currency, rate_date, rate from {{ ref('int_rates_to_reporting') }}
    {% else %}
    select currency, rate from {{ ref('int_constant_rates') }}
    {% endif %}
),

converted as (
    select
        identity.customer_id,
        invoice_lines.invoice_date,
        coalesce(invoice_lines.charge_type, 'one_time') as charge_type,
        invoice_lines.licence_model,
        {{ round_amount('cast(invoice_lines.amount as decimal(28, 6)) * rates.rate') }} as amount
    from invoice_lines
    inner join identity on invoice_lines.account_key = identity.account_key
    left join rates
        on
            coalesce(invoice_lines.currency, '{{ var("reporting_currency") }}') = rates.currency
            {% if var('fx_mode') == 'as_reported' %}
            and invoice_lines.invoice_date = rates.rate_date
            {% endif %}
    where invoice_lines.invoice_date is not null
),

final as (
    select
        customer_id,
        cast({{ dbt.date_trunc('month', 'invoice_date') }} as date) as month_start,
        cast(sum(amount) as decimal(18, 6)) as revenue_amount,
        cast(sum(case when charge_type = 'recurring' then 0 else amount end) as decimal(18, 6)) as non_recurring_revenue_amount,
        min(case when amount > 0 then invoice_date end) as first_paid_date,
        max(case when amount > 0 and charge_type <> 'recurring' then invoice_date end) as last_non_recurring_date,
        min(case when amount > 0 and licence_model = 'perpetual' then invoice_date end) as first_perpetual_date
    from converted
    group by customer_id, {{ dbt.date_trunc('month', 'invoice_date') }}
)

select * from final
