-- grain: one service offer on sale, region with reps, and month-end
with offer_months as (
    select * from {{ ref('fct_offer_months') }}
),

offers as (
    select * from {{ ref('dim_service_offers') }}
),

rep_regions as (
    select distinct month_end, region from {{ ref('fct_rep_months') }} where region <> 'unknown'
),

reviews as (
    select * from {{ ref('int_offer_reviews') }} where review_kind = 'price_policy'
),

months as (
    select * from {{ ref('int_months') }}
),

begun as (
    select min(review_date) as review_date from reviews
),

reviewed as (
    select
        offer_months.offer_id,
        offer_months.month_end,
        rep_regions.region,
        max(reviews.review_date) as last_review_date
    from offer_months
    inner join months on offer_months.month_end = months.month_end
    inner join rep_regions on offer_months.month_end = rep_regions.month_end
    inner join reviews
        on
            offer_months.offer_id = reviews.offer_id
            and months.snapshot_date >= reviews.review_date
            and (reviews.region is null or reviews.region = rep_regions.region)
    group by offer_months.offer_id, offer_months.month_end, rep_regions.region
),

final as (
    select
        concat(offer_months.offer_id, '|', rep_regions.region) as offer_region_id,
        offer_months.offer_id,
        rep_regions.region,
        offer_months.month_end,
        offer_months.service_line,
        -- A price that the catalogue lacks is decided; one it has, or a policy, may be of a time not known.
        cast(
            case
                when begun.review_date <= months.snapshot_date
                    then
                        case when offers.changed_date <= months.snapshot_date then offers.has_price end
                        and coalesce(
                            reviewed.last_review_date > {{ add_days('months.snapshot_date', -var('offer_review_days')) }}, false
                        )
            end as boolean
        ) as has_current_policy,
        offer_months.is_provisional
    from offer_months
    inner join offers on offer_months.offer_id = offers.offer_id
    inner join months on offer_months.month_end = months.month_end
    inner join rep_regions on offer_months.month_end = rep_regions.month_end
    cross join begun
    left join reviewed
        on
            offer_months.offer_id = reviewed.offer_id
            and offer_months.month_end = reviewed.month_end
            and rep_regions.region = reviewed.region
)

select * from final
