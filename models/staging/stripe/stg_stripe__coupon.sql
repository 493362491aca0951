-- grain: one Stripe coupon
with coupons as (

    select * from {{ ref('base_stripe__coupon') }}

),

currency_exponents as (

    select * from {{ ref('currency_exponents') }}

),

final as (

    select
        coupons.id as coupon_id,
        cast(coupons.percent_off / 100 as decimal(18, 6)) as percent_off_rate,
        cast(
            {{ stripe_major_units(
                'coupons.amount_off',
                'currency_exponents.minor_unit_exponent'
            ) }} as decimal(18, 6)
        ) as off_amount,
        upper(coupons.currency) as currency,
        lower(coupons.duration) as duration,
        coupons.duration_in_months as duration_month_count,
        coalesce(coupons.livemode, true) as is_live,
        coupons._created_date as recorded_date
    from coupons
    left join currency_exponents
        on upper(coupons.currency) = currency_exponents.currency
    where coupons._row_status = 'accepted'

)

select * from final
