-- grain: one service offer and month-end at which it is active, or was within twelve months before
-- noqa: disable=LT02,LT05
with offers as (
    select * from {{ ref('dim_service_offers') }}
),

attributes as (
    select * from {{ ref('int_offer_attributes') }}
),

reviews as (
    select * from {{ ref('int_offer_reviews') }} where review_kind = 'review'
),

revenue_months as (
    select offer_id, month_number, sum(amount) as amount, count(*) - count(amount) as unknown_count
    from {{ ref('fct_recognised_revenue_months') }}
    where offer_id <> 'unknown'
    group by offer_id, month_number
),

told_revenue as (
    select min(month_number) as first_month_number from {{ ref('fct_recognised_revenue_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

offer_months as (
    select
        offers.*,
        months.month_end,
        months.month_number,
        months.snapshot_date,
        months.is_provisional,
        offers.active_until_date is null or offers.active_until_date > months.snapshot_date as is_active,
        coalesce(offers.active_until_date >= months.month_start and offers.active_until_date <= months.snapshot_date, false)
            as is_retired_in_month
    from offers
    inner join months
        on
            (offers.active_from_date is null or offers.active_from_date <= months.snapshot_date)
            and (offers.active_until_date is null or offers.active_until_date > {{ add_months('months.month_start', -12) }})
),

described as (
    select
        offer_months.offer_id,
        offer_months.month_end,
        count(distinct case when attributes.attribute = 'silo' then attributes.attribute_value end) as silo_count,
        count(distinct case when attributes.attribute = 'attaches_to_family' then attributes.attribute_value end) as family_count
    from offer_months
    inner join attributes
        on
            offer_months.offer_id = attributes.offer_id
            and (attributes.valid_from_date is null or attributes.valid_from_date <= offer_months.snapshot_date)
            and (attributes.valid_until_date is null or attributes.valid_until_date > offer_months.snapshot_date)
    where attributes.attribute in ('silo', 'attaches_to_family')
    group by offer_months.offer_id, offer_months.month_end
),

reviewed as (
    select offer_months.offer_id, offer_months.month_end, max(reviews.review_date) as review_date
    from offer_months
    inner join reviews on offer_months.offer_id = reviews.offer_id and reviews.review_date <= offer_months.snapshot_date
    group by offer_months.offer_id, offer_months.month_end
),

earned as (
    select
        offer_months.offer_id,
        offer_months.month_end,
        sum(revenue_months.amount) as amount,
        sum(revenue_months.unknown_count) as unknown_count
    from offer_months
    inner join revenue_months
        on
            offer_months.offer_id = revenue_months.offer_id
            and revenue_months.month_number > offer_months.month_number - 12
            and revenue_months.month_number <= offer_months.month_number
    group by offer_months.offer_id, offer_months.month_end
),

final as (
    select
        offer_months.offer_id,
        offer_months.month_end,
        offer_months.month_number,
        offer_months.service_line,
        offer_months.manager_id,
        cast(offer_months.is_active as boolean) as is_active,
        cast(offer_months.is_retired_in_month as boolean) as is_retired_in_month,
        -- An offer that names no silo is delivered by that of its line.
        cast(greatest(coalesce(described.silo_count, 0), 1) as integer) as silo_count,
        cast(coalesce(described.family_count, 0) as integer) as family_count,
        cast(offer_months.manager_id is not null and coalesce(offer_months.is_manager_dedicated, false) as boolean) as has_dedicated_manager,
        cast(offer_months.has_value_statement as boolean) as has_value_statement,
        cast({{ dbt.datediff('coalesce(reviewed.review_date, offer_months.active_from_date)', 'offer_months.snapshot_date', 'day') }} as integer)
            as days_since_review,
        case
            when offer_months.active_from_date is not null
                then cast({{ add_months('offer_months.active_from_date', var('new_offer_months')) }} > offer_months.snapshot_date as boolean)
        end as is_new,
        cast(
            case
                when offer_months.month_number - 11 >= told_revenue.first_month_number and coalesce(earned.unknown_count, 0) = 0
                    then coalesce(earned.amount, 0)
            end as decimal(18, 6)
        ) as revenue_t12m_amount,
        offer_months.is_provisional
    from offer_months
    cross join told_revenue
    left join described on offer_months.offer_id = described.offer_id and offer_months.month_end = described.month_end
    left join reviewed on offer_months.offer_id = reviewed.offer_id and offer_months.month_end = reviewed.month_end
    left join earned on offer_months.offer_id = earned.offer_id and offer_months.month_end = earned.month_end
)

select * from final
