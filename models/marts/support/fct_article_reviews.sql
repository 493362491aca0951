-- grain: one review of a knowledge article
with reviews as (
    select * from {{ ref('int_article_reviews') }}
),

months as (
    select * from {{ ref('int_months') }}
),

final as (
    select
        reviews.review_key,
        reviews.article_id,
        reviews.reviewed_date,
        months.month_end,
        months.month_number,
        -- More met than checked, or nothing checked, is no review.
        cast(case when reviews.met_count between 0 and reviews.checked_count then nullif(reviews.checked_count, 0) end as bigint) as checked_count,
        cast(
            case when reviews.checked_count > 0 and reviews.met_count between 0 and reviews.checked_count then reviews.met_count end as bigint
        ) as met_count
    from reviews
    inner join months on reviews.reviewed_date >= months.month_start and reviews.reviewed_date <= months.month_end
)

select * from final
