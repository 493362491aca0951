-- grain: one service offer on sale and month-end
with offers as (
    select * from {{ ref('dim_service_offers') }}
),

months as (
    select * from {{ ref('int_months') }}
),

attributes as (
    select * from {{ ref('int_offer_attribute_months') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

contract_lines as (
    select * from {{ ref('int_contract_lines') }}
),

invoice_lines as (
    select * from {{ ref('int_invoice_lines') }}
),

-- Licence models sold: contracts that began, and perpetual licences invoiced.
licence_sales as (
    select products.product_family, products.licence_model, contract_lines.start_date as sold_date
    from contract_lines
    inner join products on contract_lines.product_key = products.product_key
    where products.offer_type = 'product' and products.licence_model is not null
    union
    select products.product_family, products.licence_model, invoice_lines.invoice_date as sold_date
    from invoice_lines
    inner join products on invoice_lines.product_key = products.product_key
    where products.offer_type = 'product' and products.licence_model = 'perpetual'
),

sold_models as (
    select distinct months.month_end, licence_sales.product_family, licence_sales.licence_model
    from months
    inner join licence_sales
        on
            licence_sales.sold_date > {{ add_days(add_months(add_days('months.month_end', 1), -12), -1) }}
            and licence_sales.sold_date <= months.snapshot_date
),

-- Every licence model that a product family of the offer is sold with, and whether the value statement is about it.
needed_models as (
    select distinct
        attached.offer_id,
        attached.month_end,
        sold_models.licence_model,
        covered.offer_id is not null as is_covered
    from attributes as attached
    inner join sold_models
        on attached.attribute_value = sold_models.product_family and attached.month_end = sold_models.month_end
    left join attributes as covered
        on
            attached.offer_id = covered.offer_id
            and attached.month_end = covered.month_end
            and covered.attribute = 'licence_model'
            and sold_models.licence_model = covered.attribute_value
    where attached.attribute = 'attaches_to_family'
),

model_counts as (
    select
        offer_id,
        month_end,
        count(*) as model_count,
        count(case when is_covered then 1 end) as covered_count
    from needed_models
    group by offer_id, month_end
),

attribute_counts as (
    select
        offer_id,
        month_end,
        count(case when attribute = 'attaches_to_family' then 1 end) as family_count,
        count(case when attribute = 'outcome' and attribute_value in ('adoption', 'success') then 1 end) as outcome_count,
        count(case when attribute = 'promise' then 1 end) as promise_count,
        count(case when attribute = 'promise' and attribute_value not in ('fast_response', 'current_technology') then 1 end)
            as further_promise_count
    from attributes
    group by offer_id, month_end
),

active as (
    select
        offers.*,
        months.month_end,
        cast(months.month_number as integer) as month_number,
        months.snapshot_date,
        months.is_provisional,
        coalesce(offers.changed_date <= months.snapshot_date, false) as is_entry_known
    from offers
    inner join months
        on
            (offers.active_from_date is null or offers.active_from_date <= months.snapshot_date)
            and (offers.active_until_date is null or offers.active_until_date > months.snapshot_date)
),

final as (
    select
        active.offer_id,
        active.month_end,
        active.month_number,
        active.service_line,
        cast(
            case
                when active.is_entry_known
                    then
                        active.has_description
                        and active.has_price
                        and active.has_deliverables
                        and active.manager_id is not null
                        and coalesce(attribute_counts.family_count, 0) > 0
            end as boolean
        ) as is_complete,
        cast(
            case
                when active.is_entry_known
                    then {{ dbt.datediff('active.changed_date', 'active.snapshot_date', 'day') }}  -- noqa: LT05
            end as integer
        ) as days_since_change,
        cast(
            case
                when model_counts.model_count > 0
                    then coalesce(active.has_value_statement, true) and model_counts.covered_count = model_counts.model_count
            end as boolean
        ) as is_license_aligned,
        cast(coalesce(attribute_counts.family_count, 0) > 0 as boolean) as has_family,
        cast(coalesce(attribute_counts.outcome_count, 0) > 0 as boolean) as has_outcome,
        cast(case when attribute_counts.promise_count > 0 then attribute_counts.further_promise_count = 0 end as boolean)
            as is_reactive_only,
        active.is_provisional
    from active
    left join attribute_counts on active.offer_id = attribute_counts.offer_id and active.month_end = attribute_counts.month_end
    left join model_counts on active.offer_id = model_counts.offer_id and active.month_end = model_counts.month_end
)

select * from final
