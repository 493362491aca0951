-- grain: one line of a won opportunity that sells a service at a price
with opportunities as (
    select * from {{ ref('int_opportunities') }} where is_won
),

opportunity_lines as (
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

identity as (
    select * from {{ ref('int_customer_identity') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

sales as (
    select sale_key, customer_id, close_date
    from {{ ref('int_sale_families') }}
    where coalesce(is_eligible, true)
    group by sale_key, customer_id, close_date
),

clock as (
    select * from {{ ref('int_as_of') }}
),

service_lines as (
    select
        opportunity_lines.opportunity_line_key,
        opportunities.opportunity_key,
        opportunities.opportunity_type,
        opportunities.close_date,
        identity.customer_id,
        opportunities.account_key,
        opportunities.rep_id,
        opportunities.region,
        opportunities.channel,
        coalesce(opportunity_lines.offer_id, offer_products.offer_id) as offer_id,
        coalesce(offers.service_line, products.offer_type) as service_line,
        products.product_family,
        opportunity_lines.is_compulsory,
        opportunity_lines.has_product_discount,
        {{ converted_amount('opportunity_lines.annual_amount', 'rates.rate') }} as annual_amount,
        {{ converted_amount('opportunity_lines.annual_list_amount', 'rates.rate') }} as annual_list_amount
    from opportunities
    cross join clock
    inner join identity on opportunities.account_key = identity.account_key
    inner join opportunity_lines on opportunities.opportunity_key = opportunity_lines.opportunity_key
    left join products on opportunity_lines.product_key = products.product_key
    left join offer_products on opportunity_lines.product_key = offer_products.product_key
    left join offers on coalesce(opportunity_lines.offer_id, offer_products.offer_id) = offers.offer_id
    left join rates on opportunity_lines.currency = rates.currency
    where
        opportunities.close_date <= clock.as_of_date
        and coalesce(offers.service_line, products.offer_type)
        in ('maintenance', 'support', 'success', 'education', 'professional_services')
        {%- if var('count_bundled_as_attached') %}
        and (opportunity_lines.net_amount > 0 or opportunity_lines.is_bundled)
        {%- else %}
        and opportunity_lines.net_amount > 0 and not opportunity_lines.is_bundled
        {%- endif %}
),

-- On a sale of products it belongs to that; else to the customer's latest one of the days before. Renewals attach to nothing.
candidates as (
    select
        service_lines.opportunity_line_key,
        sales.sale_key,
        row_number() over (
            partition by service_lines.opportunity_line_key
            order by
                case when sales.sale_key = service_lines.opportunity_key then 0 else 1 end asc,
                sales.close_date desc,
                sales.sale_key asc
        ) as preference
    from service_lines
    inner join sales
        on
            service_lines.customer_id = sales.customer_id
            and (
                sales.sale_key = service_lines.opportunity_key
                or (
                    sales.close_date <= service_lines.close_date
                    and service_lines.close_date <= {{ add_days('sales.close_date', var('attach_window_days')) }}
                )
            )
    where service_lines.opportunity_type <> 'renewal'
),

final as (
    select
        service_lines.opportunity_line_key,
        service_lines.opportunity_key,
        service_lines.opportunity_type,
        candidates.sale_key,
        service_lines.close_date,
        service_lines.customer_id,
        service_lines.account_key,
        service_lines.rep_id,
        service_lines.region,
        service_lines.channel,
        service_lines.offer_id,
        service_lines.service_line,
        service_lines.product_family,
        cast(service_lines.is_compulsory as boolean) as is_compulsory,
        cast(service_lines.has_product_discount as boolean) as has_product_discount,
        cast(service_lines.annual_amount as decimal(18, 6)) as annual_amount,
        cast(service_lines.annual_list_amount as decimal(18, 6)) as annual_list_amount
    from service_lines
    left join candidates
        on service_lines.opportunity_line_key = candidates.opportunity_line_key and candidates.preference = 1
)

select * from final
