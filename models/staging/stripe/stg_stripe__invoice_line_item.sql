-- grain: one line of a Stripe invoice
with lines as (

    select * from {{ ref('base_stripe__invoice_line_item') }}

),

currency_exponents as (

    select * from {{ ref('currency_exponents') }}

),

netted as (

    select
        *,
        case
            when amount_excluding_tax is not null then amount_excluding_tax
            -- Tax included in the price: the amount has it, the unit amount before tax has not. Less than a minor unit is rounding.
            when
                sign(unit_amount_excluding_tax * cast(quantity as decimal(18, 0))) = sign(amount)
                and abs(unit_amount_excluding_tax * cast(quantity as decimal(18, 0))) <= abs(amount) - 1
                then cast(round(unit_amount_excluding_tax * cast(quantity as decimal(18, 0)), 0) as bigint)
            else amount
        end as net_minor_amount
    from lines
    where _row_status = 'accepted'

),

final as (

    select
        netted.invoice_id,
        netted.id as invoice_line_id,
        netted.subscription_id,
        netted.subscription_item_id,
        coalesce(netted.price_id, netted.plan_id) as price_id,
        lower(netted.type) as line_type,
        coalesce(netted.proration, false) as is_proration,
        cast(
            {{ stripe_major_units(
                'netted.amount',
                'currency_exponents.minor_unit_exponent'
            ) }} as decimal(18, 6)
        ) as gross_amount,
        cast(
            {{ stripe_major_units(
                'netted.net_minor_amount',
                'currency_exponents.minor_unit_exponent'
            ) }} as decimal(18, 6)
        ) as line_amount,
        upper(netted.currency) as currency,
        netted.quantity,
        {{ reporting_date('netted.period_start') }} as service_start_date,
        {{ reporting_date('netted.period_end') }} as service_end_date,
        coalesce(netted.livemode, true) as is_live,
        netted._recorded_date as changed_date
    from netted
    left join currency_exponents
        on upper(netted.currency) = currency_exponents.currency

)

select * from final
