-- grain: one customer, licence model under support or maintenance, and month-end
{#- Shares of the net licence price at which the bands of annual fees part. -#}
{%- set band_steps = (0.16, 0.21, 0.26) %}
with customer_months as (
    select * from {{ ref('fct_customer_months') }}
),

segments as (
    select * from {{ ref('int_recurring_segments') }} where mrr_original_amount > 0
),

opportunities as (
    select * from {{ ref('int_opportunities') }} where is_won
),

opportunity_lines as (
    select * from {{ ref('int_opportunity_lines') }}
),

invoice_lines as (
    select * from {{ ref('int_invoice_lines') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

offers as (
    select * from {{ ref('dim_service_offers') }}
),

offer_products as (
    select * from {{ ref('int_offer_products') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

-- What licences cost: lines of won deals tell list and net; where a customer has none, its invoices tell net alone.
deal_licences as (
    select
        identity.customer_id,
        opportunities.close_date as sold_date,
        {{ converted_amount('opportunity_lines.net_amount', 'rates.rate') }} as net_amount,
        {{ converted_amount('opportunity_lines.list_amount', 'rates.rate') }} as list_amount
    from opportunity_lines
    inner join opportunities on opportunity_lines.opportunity_key = opportunities.opportunity_key
    inner join identity on opportunities.account_key = identity.account_key
    inner join products on opportunity_lines.product_key = products.product_key
    left join rates on opportunity_lines.currency = rates.currency
    where products.offer_type = 'product' and products.licence_model = 'perpetual'
),

dealt as (
    select distinct customer_id from deal_licences
),

invoiced_licences as (
    select
        identity.customer_id,
        invoice_lines.invoice_date as sold_date,
        {{ converted_amount('invoice_lines.amount', 'rates.rate') }} as net_amount,
        cast(null as decimal(18, 6)) as list_amount
    from invoice_lines
    inner join identity on invoice_lines.account_key = identity.account_key
    left join products on invoice_lines.product_key = products.product_key
    left join rates on invoice_lines.currency = rates.currency
    where
        coalesce(products.offer_type, 'product') = 'product'
        and coalesce(products.licence_model, invoice_lines.licence_model) = 'perpetual'
),

licences as (
    select * from deal_licences
    union all
    select invoiced_licences.*
    from invoiced_licences
    left join dealt on invoiced_licences.customer_id = dealt.customer_id
    where dealt.customer_id is null
),

held as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        case when count(licences.net_amount) = count(*) then sum(licences.net_amount) end as net_amount,
        case when count(licences.list_amount) = count(*) then sum(licences.list_amount) end as list_amount
    from customer_months
    inner join licences
        on customer_months.customer_id = licences.customer_id and customer_months.snapshot_date >= licences.sold_date
    group by customer_months.customer_id, customer_months.month_end
),

paid as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        segments.line_type,
        segments.mrr_amount,
        offers.service_level_rank,
        coalesce(products.offer_type, 'product') = 'product' and coalesce(products.licence_model, 'subscription') = 'subscription'
            as is_subscription
    from customer_months
    inner join segments
        on
            customer_months.customer_id = segments.customer_id
            and customer_months.snapshot_date >= segments.start_date
            and (segments.end_date is null or customer_months.snapshot_date < segments.end_date)
    left join products on segments.product_key = products.product_key
    left join offer_products on segments.product_key = offer_products.product_key
    left join offers on offer_products.offer_id = offers.offer_id
),

-- Maintenance is of the licences; so is support where the customer subscribes to nothing that it could be of.
fees as (
    select
        customer_id,
        month_end,
        max(case when line_type = 'maintenance' then 1 else 0 end) as maintenance_flag,
        max(case when line_type = 'support' then 1 else 0 end) as support_flag,
        max(case when is_subscription then 1 else 0 end) as subscription_flag,
        max(case when line_type = 'support' then service_level_rank end) as support_rank,
        count(case when line_type = 'maintenance' and mrr_amount is null then 1 end) as unknown_maintenance_count,
        count(case when line_type = 'support' and mrr_amount is null then 1 end) as unknown_support_count,
        count(case when is_subscription and mrr_amount is null then 1 end) as unknown_subscription_count,
        coalesce(sum(case when line_type = 'maintenance' then mrr_amount end), 0) as maintenance_mrr_amount,
        coalesce(sum(case when line_type = 'support' then mrr_amount end), 0) as support_mrr_amount,
        coalesce(sum(case when is_subscription then mrr_amount end), 0) as subscription_mrr_amount
    from paid
    group by customer_id, month_end
),

-- A customer with both has support of what it subscribes to, and maintenance of its licences.
sides as (
    select
        customer_id,
        month_end,
        'perpetual' as licence_model,
        case when subscription_flag = 0 and support_flag = 1 then 1 else 0 end as tier_flag,
        support_rank,
        case
            when unknown_maintenance_count = 0 and (subscription_flag = 1 or unknown_support_count = 0)
                then 12 * (maintenance_mrr_amount + case when subscription_flag = 0 then support_mrr_amount else 0 end)
        end as support_annual_amount,
        cast(null as decimal(18, 6)) as subscription_annual_amount
    from fees
    where maintenance_flag = 1 or (support_flag = 1 and subscription_flag = 0)

    union all

    select
        customer_id,
        month_end,
        'subscription' as licence_model,
        1 as tier_flag,
        support_rank,
        case when unknown_support_count = 0 then 12 * support_mrr_amount end as support_annual_amount,
        case when unknown_subscription_count = 0 then 12 * subscription_mrr_amount end as subscription_annual_amount
    from fees
    where support_flag = 1 and subscription_flag = 1
),

priced as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        cast(customer_months.month_number as integer) as month_number,
        sides.licence_model,
        customer_months.tenure_band,
        case
            when sides.tier_flag = 1 and sides.support_rank is not null
                then concat('level ', cast(sides.support_rank as {{ dbt.type_string() }}))
            when sides.tier_flag = 1 then 'support'
            else 'maintenance'
        end as support_tier,
        cast(sides.support_annual_amount as decimal(18, 6)) as support_annual_amount,
        cast(case when sides.licence_model = 'perpetual' then held.net_amount end as decimal(18, 6)) as license_net_amount,
        cast(case when sides.licence_model = 'perpetual' then held.list_amount end as decimal(18, 6)) as license_list_amount,
        cast(sides.subscription_annual_amount as decimal(18, 6)) as subscription_annual_amount,
        customer_months.is_provisional
    from customer_months
    inner join sides on customer_months.customer_id = sides.customer_id and customer_months.month_end = sides.month_end
    left join held on customer_months.customer_id = held.customer_id and customer_months.month_end = held.month_end
),

shares as (
    select
        *,
        cast(support_annual_amount as double)
        / nullif(cast(case licence_model when 'perpetual' then license_net_amount else subscription_annual_amount end as double), 0)
            as price_share
    from priced
),

final as (
    select
        concat(customer_id, '|', licence_model) as customer_license_id,
        customer_id,
        month_end,
        month_number,
        licence_model,
        tenure_band,
        support_tier,
        support_annual_amount,
        license_net_amount,
        license_list_amount,
        subscription_annual_amount,
        case
            when price_share < {{ band_steps[0] }} then 'lowest'
            when price_share < {{ band_steps[1] }} then 'lower'
            when price_share < {{ band_steps[2] }} then 'higher'
            when price_share is not null then 'highest'
            else 'unknown'
        end as support_price_band,
        is_provisional
    from shares
)

select * from final
