-- grain: one case and one article linked to it or written for it
with unioned as (
    {{ union_systems('int_case_articles', ['templates']) }}
),

articles as (
    select * from {{ ref('int_articles') }}
),

final as (
    select
        unioned.case_key,
        unioned.article_key,
        unioned.system,
        unioned.is_created,
        unioned.linked_at,
        coalesce(articles.created_at, unioned.article_created_at) as article_created_at,
        unioned.recorded_date
    from unioned
    left join articles on unioned.article_key = articles.article_key
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
