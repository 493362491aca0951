-- grain: one Stripe plan
with plans as (

    select * from {{ ref('base_stripe__plan') }}

),

currency_exponents as (

    select * from {{ ref('currency_exponents') }}

),

final as (

    select
        plans.id as price_id,
        plans.product_id,
        upper(plans.currency) as currency,
        {{ stripe_major_units('plans.amount', 'currency_exponents.minor_unit_exponent') }} as unit_amount,
        'recurring' as price_type,
        lower(plans.{{ adapter.quote('interval') }}) as recurring_interval,
        plans.interval_count as recurring_interval_count,
        lower(plans.usage_type) as usage_type,
        lower(plans.billing_scheme) as billing_scheme,
        cast(null as {{ dbt.type_string() }}) as tax_behavior,
        plans.transform_usage_divide_by as package_size,
        lower(plans.transform_usage_round) as package_rounding,
        plans.nickname as price_name,
        coalesce(plans.livemode, true) as is_live,
        plans._created_date as recorded_date
    from plans
    left join currency_exponents
        on upper(plans.currency) = currency_exponents.currency
    where plans._row_status = 'accepted'

)

select * from final
