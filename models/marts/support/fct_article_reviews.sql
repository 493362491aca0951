-- grain: one review of a knowledge article
with reviews as (
    -- More met than checked, or nothing checked, is no review.
    select *, checked_count > 0 and met_count between 0 and checked_count as is_sound from {{ ref('int_article_reviews') }}
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
        cast(case when reviews.is_sound then reviews.checked_count end as bigint) as checked_count,
        cast(case when reviews.is_sound then reviews.met_count end as bigint) as met_count
    from reviews
    inner join months on reviews.reviewed_date >= months.month_start and reviews.reviewed_date <= months.month_end
)

select * from final
