-- grain: one line for a service of the quote that counts of a deal
with deals as (
    select * from {{ ref('int_quote_deals') }}
),

quote_lines as (
    select * from {{ ref('int_quote_lines') }}
),

decisions as (
    select * from {{ ref('int_quote_decisions') }}
),

policies as (
    select * from {{ ref('int_sales_policies') }}
),

products as (
    select * from {{ ref('int_product_catalog') }}
),

offer_products as (
    select * from {{ ref('int_offer_products') }}
),

offers as (
    select * from {{ ref('int_service_offers') }}
),

attributes as (
    select * from {{ ref('int_offer_attributes') }} where attribute in ('segment_fit', 'attaches_to_family')
),

family_months as (
    select * from {{ ref('fct_product_family_months') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

quoted as (
    select
        quote_lines.*,
        products.product_family,
        coalesce(quote_lines.offer_id, offer_products.offer_id, products.product_id) as known_offer_id,
        quote_lines.offer_id is not null
        or offer_products.offer_id is not null
        or coalesce({{ is_service_line('products.offer_type') }}, false) as is_service,
        case when {{ is_service_line('products.offer_type') }} then products.offer_type end as product_line
    from quote_lines
    left join products on quote_lines.product_key = products.product_key
    left join offer_products on quote_lines.product_key = offer_products.product_key
),

lines as (
    select
        quoted.quote_line_key,
        deals.quote_key,
        deals.deal_key,
        deals.customer_id,
        coalesce(deals.region, customers.region, 'unknown') as region,
        deals.accepted_at,
        deals.accepted_date,
        coalesce(customers.segment, 'unknown') as segment,
        quoted.known_offer_id as offer_id,
        coalesce(offers.service_line, quoted.product_line) as service_line,
        quoted.list_amount,
        quoted.net_amount,
        rates.rate,
        coalesce(quoted.is_custom, offers.is_custom) as is_custom,
        coalesce(quoted.is_bundle, offers.is_bundle) as is_bundle
    from quoted
    inner join deals on quoted.quote_key = deals.quote_key
    left join offers on quoted.known_offer_id = offers.offer_id
    left join customers on deals.customer_id = customers.customer_id
    left join rates on deals.currency = rates.currency
    where quoted.is_service
),

-- The limit on the day of acceptance: of the region before that of all, of the offer before that of its line, the newest.
limits as (
    select
        lines.quote_line_key,
        policies.max_discount_rate,
        row_number() over (
            partition by lines.quote_line_key
            order by
                case when policies.region is not null then 0 else 1 end asc,
                case when policies.offer_id is not null then 0 else 1 end asc,
                case when policies.service_line is not null then 0 else 1 end asc,
                policies.valid_from_date desc,
                policies.policy_key asc
        ) as preference
    from lines
    inner join policies
        on
            (policies.region is null or lower(policies.region) = lower(lines.region))
            and (policies.offer_id is null or policies.offer_id = lines.offer_id)
            and (policies.service_line is null or policies.service_line = lines.service_line)
            and policies.valid_from_date <= lines.accepted_date
            and (policies.valid_until_date is null or lines.accepted_date < policies.valid_until_date)
),

-- What a customer has or had by then, or buys with the same quote.
families as (
    select deals.quote_key, family_months.product_family
    from deals
    inner join family_months
        on deals.customer_id = family_months.customer_id and family_months.month_end <= {{ dbt.last_day('deals.accepted_date', 'month') }}
    where family_months.mrr_amount > 0

    union

    select quote_key, product_family
    from quoted
    where not is_service and product_family is not null
),

-- Offers that say for whom they are, on the day of acceptance.
fits as (
    select
        lines.quote_line_key,
        max(case when attributes.attribute = 'segment_fit' then 1 else 0 end) as has_segment_rule,
        max(case when attributes.attribute = 'segment_fit' and attributes.attribute_value = lines.segment then 1 else 0 end)
            as fits_segment,
        max(case when attributes.attribute = 'attaches_to_family' then 1 else 0 end) as has_family_rule,
        max(case when attributes.attribute = 'attaches_to_family' and families.product_family is not null then 1 else 0 end)
            as fits_family
    from lines
    inner join attributes
        on
            lines.offer_id = attributes.offer_id
            and (attributes.valid_from_date is null or attributes.valid_from_date <= lines.accepted_date)
            and (attributes.valid_until_date is null or lines.accepted_date < attributes.valid_until_date)
    left join families on lines.quote_key = families.quote_key and attributes.attribute_value = families.product_family
    where lines.accepted_date is not null
    group by lines.quote_line_key
),

final as (
    select
        lines.quote_line_key,
        lines.quote_key,
        lines.customer_id,
        lines.offer_id,
        lines.service_line,
        lines.accepted_date,
        {{ converted_amount('lines.list_amount', 'lines.rate') }} as list_amount,
        {{ converted_amount('lines.net_amount', 'lines.rate') }} as net_amount,
        limits.max_discount_rate,
        -- Half a hundredth of the currency is rounding.
        cast(
            case
                when lines.list_amount > 0 and lines.net_amount is not null and limits.max_discount_rate is not null
                    then
                        lines.net_amount >= lines.list_amount * (1 - limits.max_discount_rate) - 0.005
                        or coalesce(decisions.excepted_at <= lines.accepted_at, false)
            end as boolean
        ) as is_within_policy,
        lines.is_custom,
        lines.is_bundle,
        cast(
            case
                when fits.has_segment_rule = 1 and lines.segment = 'unknown' then null
                else (fits.has_segment_rule = 0 or fits.fits_segment = 1) and (fits.has_family_rule = 0 or fits.fits_family = 1)
            end as boolean
        ) as is_fitting
    from lines
    left join fits on lines.quote_line_key = fits.quote_line_key
    left join limits on lines.quote_line_key = limits.quote_line_key and limits.preference = 1
    left join decisions on lines.deal_key = decisions.deal_key
)

select * from final
