-- grain: one Zendesk article
{{ config(enabled='zendesk' in var('systems')) }}

with articles as (
    select * from {{ ref('stg_zendesk__article') }}
),

votes as (
    select * from {{ ref('stg_zendesk__vote') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

counted as (
    select
        votes.item_id as article_id,
        cast(sum(case when votes.vote_value > 0 then 1 else 0 end) as bigint) as up_vote_count,
        cast(sum(case when votes.vote_value < 0 then 1 else 0 end) as bigint) as down_vote_count
    from votes
    cross join clock
    where votes.item_type = 'article' and (votes.recorded_date is null or votes.recorded_date <= clock.as_of_date)
    group by votes.item_id
),

exported as (
    select count(*) as vote_count
    from votes
),

final as (
    select
        'zendesk:' || articles.article_id as article_key,
        'zendesk' as system,
        articles.created_at,
        articles.updated_at,
        not articles.is_draft and not articles.is_deleted as is_published,
        articles.is_outdated,
        -- Without the export of votes nobody knows of any; with it, an article that nobody voted on has none.
        case when exported.vote_count > 0 then coalesce(counted.up_vote_count, 0) end as up_vote_count,
        case when exported.vote_count > 0 then coalesce(counted.down_vote_count, 0) end as down_vote_count,
        articles.recorded_date
    from articles
    left join counted on articles.article_id = counted.article_id
    cross join exported
)

select * from final
