-- grain: one won sale of products, renewals apart, and product family that the customer did not hold the day before
with opportunities as (
    select * from {{ ref('int_opportunities') }} where is_won and opportunity_type <> 'renewal'
),

opportunity_lines as (
    select * from {{ ref('int_opportunity_lines') }}
),

products as (
    select * from {{ ref('int_product_catalog') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

segments as (
    select * from {{ ref('int_recurring_segments') }} where mrr_original_amount > 0 and not is_pending
),

contract_lines as (
    select * from {{ ref('int_contract_lines') }}
    where licence_model = 'perpetual' and coalesce(exclusion_reason, 'one_time') = 'one_time'
),

offers as (
    select * from {{ ref('int_service_offers') }}
),

attributes as (
    select * from {{ ref('int_offer_attributes') }} where attribute = 'attaches_to_family'
),

clock as (
    select * from {{ ref('int_as_of') }}
),

sold as (
    select
        opportunities.opportunity_key,
        identity.customer_id,
        opportunities.close_date,
        products.product_family,
        case
            when count({{ converted_amount('opportunity_lines.annual_amount', 'rates.rate') }}) = count(*)
                then sum({{ converted_amount('opportunity_lines.annual_amount', 'rates.rate') }})
        end as product_annual_amount
    from opportunities
    cross join clock
    inner join identity on opportunities.account_key = identity.account_key
    inner join opportunity_lines on opportunities.opportunity_key = opportunity_lines.opportunity_key
    inner join products on opportunity_lines.product_key = products.product_key
    left join rates on opportunity_lines.currency = rates.currency
    where products.offer_type = 'product' and opportunity_lines.net_amount > 0 and opportunities.close_date <= clock.as_of_date
    group by opportunities.opportunity_key, identity.customer_id, opportunities.close_date, products.product_family
),

-- What a customer holds, and from when until when; a perpetual licence for good.
holdings as (
    select customer_id, product_family, start_date, end_date
    from segments

    union all

    select
        identity.customer_id,
        products.product_family,
        contract_lines.start_date,
        cast(null as date) as end_date
    from contract_lines
    inner join identity on contract_lines.account_key = identity.account_key
    inner join products on contract_lines.product_key = products.product_key
),

held as (
    select distinct sold.opportunity_key, sold.product_family
    from sold
    inner join holdings
        on
            sold.customer_id = holdings.customer_id
            and sold.product_family = holdings.product_family
            and holdings.start_date < sold.close_date
            and (holdings.end_date is null or holdings.end_date >= sold.close_date)
),

new_families as (
    select sold.*
    from sold
    left join held on sold.opportunity_key = held.opportunity_key and sold.product_family = held.product_family
    where held.opportunity_key is null
),

limited_offers as (
    select distinct offer_id from attributes
),

catalogue as (
    select count(*) as offer_count from offers
),

-- Offers without a family attach to every one.
attachable as (
    select
        new_families.opportunity_key,
        new_families.product_family,
        offers.offer_id,
        max(case when offers.is_attachable_standard then 1 else 0 end) as standard_flag,
        max({{ converted_amount(
            'offers.list_annual_amount', '(case when offers.currency is null then cast(1 as decimal(18, 9)) else rates.rate end)'
        ) }}) as list_annual_amount
    from new_families
    inner join offers
        on
            offers.is_paid
            and (offers.launched_date is null or offers.launched_date <= new_families.close_date)
            and (offers.retired_date is null or offers.retired_date > new_families.close_date)
    left join rates on offers.currency = rates.currency
    left join limited_offers on offers.offer_id = limited_offers.offer_id
    left join attributes
        on
            offers.offer_id = attributes.offer_id
            and {{ lower_case('attributes.attribute_value') }} = {{ lower_case('new_families.product_family') }}
            and (attributes.valid_from_date is null or attributes.valid_from_date <= new_families.close_date)
            and (attributes.valid_until_date is null or attributes.valid_until_date > new_families.close_date)
    where limited_offers.offer_id is null or attributes.offer_id is not null
    group by new_families.opportunity_key, new_families.product_family, offers.offer_id
),

-- An offer for several families of a sale is sold once: it counts with the first of them.
placed as (
    select
        *,
        row_number() over (partition by opportunity_key, offer_id order by product_family asc) as family_number
    from attachable
),

available as (
    select
        opportunity_key,
        product_family,
        case
            when sum(standard_flag) = count(case when standard_flag = 1 then list_annual_amount end)
                then coalesce(sum(case when standard_flag = 1 then list_annual_amount end), 0)
        end as available_annual_amount,
        case
            when
                sum(case when family_number = 1 then standard_flag else 0 end)
                = count(case when standard_flag = 1 and family_number = 1 then list_annual_amount end)
                then coalesce(sum(case when standard_flag = 1 and family_number = 1 then list_annual_amount end), 0)
        end as first_available_annual_amount
    from placed
    group by opportunity_key, product_family
),

final as (
    select
        new_families.opportunity_key as sale_key,
        new_families.product_family,
        new_families.customer_id,
        new_families.close_date,
        cast(new_families.product_annual_amount as decimal(18, 6)) as product_annual_amount,
        cast(case when catalogue.offer_count > 0 then available.opportunity_key is not null end as boolean) as is_eligible,
        cast(available.available_annual_amount as decimal(18, 6)) as available_annual_amount,
        cast(available.first_available_annual_amount as decimal(18, 6)) as first_available_annual_amount
    from new_families
    cross join catalogue
    left join available
        on
            new_families.opportunity_key = available.opportunity_key
            and new_families.product_family = available.product_family
)

select * from final
