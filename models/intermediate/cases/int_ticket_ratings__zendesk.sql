-- grain: one Zendesk ticket with a rating
{{ config(enabled='zendesk' in var('systems')) }}

with ratings as (
    select * from {{ ref('stg_zendesk__satisfaction_rating') }}
),

history as (
    select * from {{ ref('stg_zendesk__ticket_field_history') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

-- The changes of the ticket's own score tell what was known when; the ratings tell of tickets without them.
scores as (
    select ticket_id, lower(field_value) as score, changed_at as rated_at, '' as rating_id, 1 as precedence
    from history
    where field_name = 'satisfaction_score'

    union all

    select ticket_id, score, coalesce(updated_at, created_at) as rated_at, rating_id, 2 as precedence
    from ratings
),

known as (
    select
        scores.*,
        {{ reporting_date('scores.rated_at') }} as rated_date,
        row_number() over (
            partition by scores.ticket_id
            order by scores.precedence asc, scores.rated_at desc, scores.score asc, scores.rating_id desc
        ) as score_number
    from scores
    cross join clock
    where {{ reporting_date('scores.rated_at') }} <= clock.as_of_date
),

final as (
    select
        ticket_id,
        score in ('good', 'good_with_comment') as is_satisfied,
        rated_date
    from known
    where score_number = 1 and score in ('good', 'good_with_comment', 'bad', 'bad_with_comment')
)

select * from final
