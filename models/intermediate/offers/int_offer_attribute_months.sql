-- grain: one attribute of an active service offer, its value, and month-end
with offers as (
    select * from {{ ref('int_service_offers') }}
),

attributes as (
    select * from {{ ref('int_offer_attributes') }}
),

months as (
    select * from {{ ref('int_months') }}
),

final as (
    select distinct
        attributes.offer_id,
        months.month_end,
        attributes.attribute,
        attributes.attribute_value
    from attributes
    inner join offers on attributes.offer_id = offers.offer_id
    inner join months
        on
            (attributes.valid_from_date is null or months.snapshot_date >= attributes.valid_from_date)
            and (attributes.valid_until_date is null or months.snapshot_date < attributes.valid_until_date)
            and months.snapshot_date >= coalesce(offers.launched_date, offers.created_date, offers.recorded_date, months.snapshot_date)
            and (offers.retired_date is null or months.snapshot_date < offers.retired_date)
)

select * from final
