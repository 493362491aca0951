-- grain: one Stripe price, or plan that no price repeats
with prices as (

    select * from {{ ref('base_stripe__price') }}

),

plans as (

    select * from {{ ref('stg_stripe__plan') }}

),

currency_exponents as (

    select * from {{ ref('currency_exponents') }}

),

accepted_prices as (

    select
        prices.id as price_id,
        prices.product_id,
        upper(prices.currency) as currency,
        {{ stripe_major_units(
            'coalesce(prices.unit_amount_decimal, prices.unit_amount)',
            'currency_exponents.minor_unit_exponent'
        ) }} as unit_amount,
        case
            when prices.recurring_interval is not null then 'recurring'
            else coalesce(lower(prices.type), 'one_time')
        end as price_type,
        lower(prices.recurring_interval) as recurring_interval,
        prices.recurring_interval_count,
        lower(prices.recurring_usage_type) as usage_type,
        lower(prices.billing_scheme) as billing_scheme,
        lower(prices.tax_behavior) as tax_behavior,
        prices.transform_quantity_divide_by as package_size,
        lower(prices.transform_quantity_round) as package_rounding,
        prices.nickname as price_name,
        coalesce(prices.livemode, true) as is_live,
        prices._created_date as recorded_date
    from prices
    left join currency_exponents
        on upper(prices.currency) = currency_exponents.currency
    where prices._row_status = 'accepted'

),

-- A plan has the same id as the price that replaced it; the price says more.
plans_without_price as (

    select
        plans.price_id,
        plans.product_id,
        plans.currency,
        plans.unit_amount,
        plans.price_type,
        plans.recurring_interval,
        plans.recurring_interval_count,
        plans.usage_type,
        plans.billing_scheme,
        plans.tax_behavior,
        plans.package_size,
        plans.package_rounding,
        plans.price_name,
        plans.is_live,
        plans.recorded_date
    from plans
    left join accepted_prices
        on plans.price_id = accepted_prices.price_id
    where accepted_prices.price_id is null

),

final as (

    select * from accepted_prices
    union all
    select * from plans_without_price

)

select * from final
