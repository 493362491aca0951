-- grain: one line for a paid service of an opportunity
with opportunity_lines as (
    select * from {{ ref('int_opportunity_lines') }}
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

rates as (
    select * from {{ ref('int_constant_rates') }}
),

named as (
    select
        opportunity_lines.*,
        coalesce(opportunity_lines.offer_id, offer_products.offer_id, products.product_id) as known_offer_id,
        opportunity_lines.offer_id is not null
        or offer_products.offer_id is not null
        or coalesce({{ is_service_line('products.offer_type') }}, false) as is_service,
        case when {{ is_service_line('products.offer_type') }} then products.offer_type end as product_line
    from opportunity_lines
    left join products on opportunity_lines.product_key = products.product_key
    left join offer_products on opportunity_lines.product_key = offer_products.product_key
),

final as (
    select
        named.opportunity_line_key,
        named.opportunity_key,
        named.known_offer_id as offer_id,
        coalesce(offers.service_line, named.product_line) as service_line,
        {{ converted_amount('named.annual_amount', 'rates.rate') }} as service_amount
    from named
    left join offers on named.known_offer_id = offers.offer_id
    left join rates on named.currency = rates.currency
    where named.is_service and not named.is_bundled
)

select * from final
