-- grain: one interaction with a customer, as one system records it
with unioned as (
    {{ union_systems('int_engagements', ['salesforce', 'gainsight', 'templates'], added=[
        'engagement_type', 'mode', 'is_two_way', 'is_value_touch', 'is_intervention', 'is_onboarding', 'is_value_milestone', 'engagement_date',
        'sentiment',
    ]) }}
),

types as (
    select * from {{ ref('engagement_types') }}
),

sentiments as (
    select * from {{ ref('sentiment_map') }}
),

-- The finer word of a type counts if it is known, else the broader one.
typed as (
    select
        unioned.*,
        coalesce(fine.engagement_type, broad.engagement_type, 'unknown') as engagement_type,
        coalesce(fine.mode, broad.mode, 'unknown') as mode,
        coalesce(unioned.channel, fine.channel, broad.channel) as channel_of_type,
        coalesce(unioned.has_reply, fine.is_two_way, broad.is_two_way) as is_two_way,
        coalesce(fine.is_value_touch, broad.is_value_touch) as is_value_touch,
        coalesce(fine.is_intervention, broad.is_intervention) as is_intervention,
        coalesce(fine.is_onboarding, broad.is_onboarding) as is_onboarding,
        coalesce(fine.is_value_milestone, broad.is_value_milestone) as is_value_milestone,
        {{ reporting_date('unioned.started_at') }} as engagement_date,
        sentiments.sentiment
    from unioned
    left join types as fine on unioned.type_words = fine.type_words
    left join types as broad on unioned.broad_type_words = broad.type_words
    left join sentiments on unioned.sentiment_words = sentiments.sentiment_words
),

final as (
    select
        typed.engagement_key,
        typed.system,
        typed.account_key,
        typed.engagement_type,
        typed.mode,
        typed.channel_of_type as channel,
        typed.direction,
        typed.has_reply,
        typed.is_two_way,
        typed.is_value_touch,
        typed.is_intervention,
        typed.is_onboarding,
        typed.is_value_milestone,
        typed.started_at,
        typed.engagement_date,
        -- What is still to come has not taken place.
        coalesce(typed.is_completed and typed.engagement_date <= clock.as_of_date, false) as is_completed,
        typed.sentiment,
        typed.type_words,
        typed.broad_type_words,
        typed.sentiment_words,
        typed.recorded_date
    from typed
    cross join {{ ref('int_as_of') }} as clock
    where typed.recorded_date is null or typed.recorded_date <= clock.as_of_date
)

select * from final
