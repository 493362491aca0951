-- grain: one delivery silo and month-end
with offer_months as (
    select * from {{ ref('fct_portfolio_offer_months') }} where is_active
),

attributes as (
    select * from {{ ref('int_offer_attributes') }} where attribute = 'silo'
),

-- An offer that names no silo is delivered by that of its line.
silos as (
    select
        offer_months.offer_id,
        offer_months.month_end,
        coalesce(attributes.attribute_value, offer_months.service_line) as silo,
        offer_months.revenue_t12m_amount,
        offer_months.is_provisional
    from offer_months
    left join attributes
        on
            offer_months.offer_id = attributes.offer_id
            and (attributes.valid_from_date is null or attributes.valid_from_date <= offer_months.month_end)
            and (attributes.valid_until_date is null or attributes.valid_until_date > offer_months.month_end)
),

final as (
    select
        silo,
        month_end,
        cast(count(distinct offer_id) as integer) as offer_count,
        -- Sold is sold, whatever else is unknown; not sold needs all of it.
        cast(
            case
                when max(case when revenue_t12m_amount > 0 then 1 else 0 end) = 1 then true
                when count(*) = count(revenue_t12m_amount) then false
            end as boolean
        ) as is_sold,
        is_provisional
    from silos
    where silo is not null
    group by silo, month_end, is_provisional
)

select * from final
