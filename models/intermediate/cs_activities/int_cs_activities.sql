-- grain: one customer, activity and day on which it was completed
with engagements as (
    select distinct_engagements.*, recorded.type_words, recorded.broad_type_words
    from {{ ref('int_distinct_engagements') }} as distinct_engagements
    inner join {{ ref('int_engagements') }} as recorded on distinct_engagements.engagement_key = recorded.engagement_key
),

words as (
    select * from {{ ref('cs_activity_words') }}
),

records as (
    select * from {{ ref('int_activity_records') }} where activity_key <> 'unknown'
),

customer_actions as (
    select * from {{ ref('int_customer_actions') }} where action_type = 'training'
),

risks as (
    select * from {{ ref('int_risk_records') }} where opened_date is not null
),

sentiments as (
    select * from {{ ref('int_sentiments') }}
),

answers as (
    select * from {{ ref('int_survey_answers') }}
    where question_kind in ('nps', 'csat', 'perception', 'intent') and answered_date is not null
),

completions as (
    select * from {{ ref('int_training_completions') }} where mode <> 'unknown'
),

objectives as (
    select * from {{ ref('int_success_objectives') }} where has_success_criteria
),

plans as (
    select * from {{ ref('int_success_plans') }} where not is_draft
),

clock as (
    select * from {{ ref('int_as_of') }}
),

vendor_scores as (
    select * from {{ ref('int_vendor_health_scores') }}
),

usage_feeds as (
    select customer_id, min(tracked_from_date) as tracked_from_date, max(tracked_until_date) as tracked_until_date
    from {{ ref('int_usage_feeds') }}
    group by customer_id
),

months as (
    select * from {{ ref('int_months') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

-- The finest word that is known counts; the type stands for all words of it that are not listed.
done as (
    select
        engagements.customer_id,
        coalesce(fine.activity_key, broad.activity_key, types.activity_key) as activity_key,
        engagements.engagement_date as activity_date,
        engagements.mode in ('high_touch', 'none', 'unknown') as is_by_person,
        'engagement' as evidence
    from engagements
    left join words as fine on engagements.type_words = fine.activity_words
    left join words as broad on engagements.broad_type_words = broad.activity_words
    left join words as types on engagements.engagement_type = types.activity_words

    union all

    select
        identity.customer_id,
        records.activity_key,
        records.activity_date,
        records.is_by_person,
        'activity_record' as evidence
    from records
    inner join identity on records.account_key = identity.account_key

    union all

    select
        identity.customer_id,
        'training' as activity_key,
        customer_actions.action_date as activity_date,
        true as is_by_person,
        'action' as evidence
    from customer_actions
    inner join identity on customer_actions.account_key = identity.account_key

    union all

    -- Whoever puts a risk on record has assessed it.
    select
        identity.customer_id,
        'risk_assessment' as activity_key,
        risks.opened_date as activity_date,
        true as is_by_person,
        'risk_record' as evidence
    from risks
    inner join identity on risks.account_key = identity.account_key

    union all

    select
        identity.customer_id,
        'sentiment_analysis' as activity_key,
        sentiments.judged_date as activity_date,
        true as is_by_person,
        'sentiment' as evidence
    from sentiments
    inner join identity on sentiments.account_key = identity.account_key

    union all

    select
        identity.customer_id,
        'sentiment_analysis' as activity_key,
        answers.answered_date as activity_date,
        false as is_by_person,
        'survey_answer' as evidence
    from answers
    inner join identity on answers.account_key = identity.account_key

    union all

    select
        identity.customer_id,
        'risk_assessment' as activity_key,
        vendor_scores.score_date as activity_date,
        false as is_by_person,
        'health_score' as evidence
    from vendor_scores
    inner join identity on vendor_scores.account_key = identity.account_key

    union all

    -- Somebody of the customer was trained, or coached.
    select
        identity.customer_id,
        case completions.mode when 'live_coaching' then 'coaching' else 'training' end as activity_key,
        completions.completed_date as activity_date,
        completions.mode <> 'self_paced' as is_by_person,
        'completion' as evidence
    from completions
    inner join identity on completions.account_key = identity.account_key

    union all

    -- An objective that says what success is has been set with the customer.
    select
        identity.customer_id,
        'planning_goal_setting' as activity_key,
        coalesce(objectives.start_date, plans.start_date, objectives.recorded_date) as activity_date,
        true as is_by_person,
        'objective' as evidence
    from objectives
    inner join plans on objectives.plan_key = plans.plan_key
    inner join identity on plans.account_key = identity.account_key
    cross join clock
    where coalesce(objectives.start_date, plans.start_date, objectives.recorded_date) <= clock.as_of_date

    union all

    -- Tracked at the end of a month, whether or not anybody used anything.
    select
        usage_feeds.customer_id,
        'usage_tracking' as activity_key,
        months.snapshot_date as activity_date,
        false as is_by_person,
        'usage_feed' as evidence
    from usage_feeds
    inner join months
        on
            usage_feeds.tracked_from_date <= months.snapshot_date
            and usage_feeds.tracked_until_date >= {{ add_days('months.snapshot_date', -7) }}
),

final as (
    select
        customer_id,
        activity_key,
        activity_date,
        cast(max(case when is_by_person then 1 else 0 end) = 1 as boolean) as is_by_person,
        min(evidence) as evidence
    from done
    where activity_key is not null and activity_date is not null
    group by customer_id, activity_key, activity_date
)

select * from final
