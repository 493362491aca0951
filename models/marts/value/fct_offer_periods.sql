-- grain: one service offer on sale at the end of a period
with offer_months as (
    select * from {{ ref('fct_offer_months') }}
),

reviews as (
    select * from {{ ref('int_offer_reviews') }} where review_kind = 'sales_feedback'
),

periods as (
    select * from {{ ref('dim_periods') }} where is_opening_known
),

begun as (
    select min(review_date) as review_date from reviews
),

final as (
    select
        offer_months.offer_id,
        periods.period_grain,
        periods.period_end,
        offer_months.service_line,
        cast(case when max(begun.review_date) <= periods.period_end then count(reviews.review_key) > 0 end as boolean) as has_feedback,
        offer_months.is_provisional
    from offer_months
    inner join periods on offer_months.month_end = periods.period_end
    cross join begun
    left join reviews
        on
            offer_months.offer_id = reviews.offer_id
            and periods.opening_date < reviews.review_date
            and periods.period_end >= reviews.review_date
    group by
        offer_months.offer_id, periods.period_grain, periods.period_end, offer_months.service_line, offer_months.is_provisional
)

select * from final
