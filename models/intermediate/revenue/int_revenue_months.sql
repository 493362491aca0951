-- grain: one customer and month with an invoice or credit note
-- noqa: disable=LT02
with invoice_lines as (
    select * from {{ ref('int_invoice_lines') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

converted as (
    select
        identity.customer_id,
        invoice_lines.invoice_date,
        coalesce(invoice_lines.charge_type, 'one_time') as charge_type,
        invoice_lines.licence_model,
        invoice_lines.amount as original_amount,
        {{ converted_amount('invoice_lines.amount', 'rates.rate') }} as amount,
        {{ converted_amount('invoice_lines.amount', 'day_rates.rate') }} as reported_amount
    from invoice_lines
    inner join identity on invoice_lines.account_key = identity.account_key
    left join rates on coalesce(invoice_lines.currency, '{{ var("reporting_currency") }}') = rates.currency
    {% if var('fx_mode') == 'as_reported' %}
    left join {{ ref('int_rates_to_reporting') }} as day_rates
        on
            coalesce(invoice_lines.currency, '{{ var("reporting_currency") }}') = day_rates.currency
            and invoice_lines.invoice_date = day_rates.rate_date
    {% else %}
    left join rates as day_rates on coalesce(invoice_lines.currency, '{{ var("reporting_currency") }}') = day_rates.currency
    {% endif %}
    where invoice_lines.invoice_date is not null
),

final as (
    select
        customer_id,
        cast({{ dbt.date_trunc('month', 'invoice_date') }} as date) as month_start,
        -- Revenue feeds ratios, which stay at constant rates; other revenue is shown as an amount, at the rates of its days.
        -- One amount without an exchange rate makes the month's unknown.
        cast(case when count(amount) = count(original_amount) then sum(amount) end as decimal(18, 6)) as revenue_amount,
        cast(
            case
                when count(case when charge_type <> 'recurring' and original_amount is not null and reported_amount is null then 1 end) = 0
                    then sum(case when charge_type = 'recurring' then 0 else reported_amount end)
            end as decimal(18, 6)
        ) as non_recurring_revenue_amount,
        -- Whether somebody paid needs no exchange rate.
        min(case when original_amount > 0 then invoice_date end) as first_paid_date,
        max(case when original_amount > 0 and charge_type <> 'recurring' then invoice_date end) as last_non_recurring_date,
        min(case when original_amount > 0 and licence_model = 'perpetual' then invoice_date end) as first_perpetual_date
    from converted
    group by customer_id, {{ dbt.date_trunc('month', 'invoice_date') }}
)

select * from final
