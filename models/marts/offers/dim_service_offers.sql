-- grain: one service offer of the catalogue
with offers as (
    select * from {{ ref('int_service_offers') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

final as (
    select
        offers.offer_id,
        offers.system,
        offers.offer_name,
        offers.product_key,
        offers.service_line,
        offers.is_paid,
        offers.is_attachable_standard,
        offers.service_level_rank,
        -- An amount of no currency is in the reporting currency.
        {{ converted_amount(
            'offers.list_annual_amount', '(case when offers.currency is null then cast(1 as decimal(18, 9)) else rates.rate end)'
        ) }} as list_annual_amount,
        offers.manager_id,
        offers.is_manager_dedicated,
        offers.has_description,
        offers.has_price,
        offers.has_deliverables,
        offers.has_value_statement,
        offers.is_guided,
        offers.is_bundle,
        offers.is_custom,
        offers.created_date,
        coalesce(offers.launched_date, offers.created_date, offers.recorded_date) as active_from_date,
        offers.retired_date as active_until_date,
        coalesce(offers.changed_date, offers.created_date) as changed_date
    from offers
    left join rates on offers.currency = rates.currency
)

select * from final
