-- grain: one coupon on a Stripe subscription, or on all of a customer's
{{ config(enabled='stripe' in var('systems'), materialized='view') }}

with subscription_discounts as (

    select * from {{ ref('stg_stripe__subscription_discount') }}

),

discounts as (

    select * from {{ ref('stg_stripe__discount') }}

),

coupons as (

    select * from {{ ref('stg_stripe__coupon') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions__stripe') }}

),

customers as (

    select * from {{ ref('stg_stripe__customer') }}

),

other_discounts as (

    select discounts.*
    from discounts
    left join subscription_discounts
        on discounts.discount_id = subscription_discounts.discount_id
    where not discounts.is_application and subscription_discounts.discount_id is null

),

granted as (

    select discount_id, subscription_id, customer_id, coupon_id, start_date, end_date, recorded_date
    from subscription_discounts

    union all

    select discount_id, subscription_id, customer_id, coupon_id, start_date, end_date, recorded_date
    from other_discounts

),

termed as (

    select
        granted.discount_id,
        granted.subscription_id,
        granted.customer_id,
        granted.start_date,
        granted.end_date,
        granted.recorded_date,
        coupons.percent_off_rate,
        case when coupons.percent_off_rate is null then coupons.off_amount end as off_amount,
        coupons.currency,
        coupons.duration,
        coupons.duration_month_count
    from granted
    left join coupons
        on granted.coupon_id = coupons.coupon_id
    where coalesce(coupons.is_live, true)

),

assigned as (

    select
        termed.*,
        termed.discount_id as assigned_discount_id,
        coalesce(termed.customer_id, subscriptions.customer_id) as account_id,
        termed.subscription_id as contract_id,
        subscriptions.invoice_months
    from termed
    left join subscriptions
        on termed.subscription_id = subscriptions.subscription_id
    where termed.subscription_id is not null and coalesce(subscriptions.is_live, true)

    union all

    select
        termed.*,
        termed.discount_id as assigned_discount_id,
        termed.customer_id as account_id,
        cast(null as {{ dbt.type_string() }}) as contract_id,
        cast(null as decimal(18, 9)) as invoice_months
    from termed
    left join customers
        on termed.customer_id = customers.customer_id
    where termed.subscription_id is null and termed.off_amount is null and coalesce(customers.is_live, true)

    union all

    -- An amount off comes off each invoice, and each subscription has its own invoices: one discount per subscription.
    select
        termed.*,
        termed.discount_id || ':' || subscriptions.subscription_id as assigned_discount_id,
        termed.customer_id as account_id,
        subscriptions.subscription_id as contract_id,
        subscriptions.invoice_months
    from termed
    inner join subscriptions
        on termed.customer_id = subscriptions.customer_id
    where termed.subscription_id is null and termed.off_amount is not null and subscriptions.is_live

),

final as (

    select
        'stripe:' || assigned_discount_id as discount_id,
        'stripe' as system,
        'stripe:' || account_id as account_key,
        'stripe:' || contract_id as contract_key,
        cast(null as {{ dbt.type_string() }}) as contract_line_id,
        percent_off_rate as percent_off,
        off_amount as amount_off,
        currency,
        cast(invoice_months as decimal(18, 6)) as invoice_months,
        duration,
        start_date,
        case
            when end_date is not null then end_date
            when duration = 'repeating' then {{ add_months('start_date', 'duration_month_count') }}
            -- Good for the first invoice only.
            when duration = 'once' then {{ add_months('start_date', 'ceil(coalesce(invoice_months, 1))') }}
        end as end_date,
        cast(
            row_number() over (
                partition by account_id
                order by start_date asc nulls first, assigned_discount_id asc
            ) as integer
        ) as sequence_number,
        recorded_date
    from assigned

)

select * from final
