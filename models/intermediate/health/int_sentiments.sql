-- grain: one judgement of the state of a relationship by somebody who knows it
with unioned as (
    {{ union_systems('int_sentiments', ['gainsight', 'templates'], added=['relationship_state']) }}
),

words as (
    select * from {{ ref('sentiment_map') }}
),

final as (
    select
        unioned.sentiment_key,
        unioned.system,
        unioned.account_key,
        words.relationship_state,
        unioned.judged_date,
        unioned.state_words,
        unioned.recorded_date
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    left join words on unioned.state_words = words.sentiment_words
    where
        (unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date)
        and unioned.judged_date <= clock.as_of_date
)

select * from final
