-- grain: one thing in engagements, surveys and risks that a person should look at
with identity as (
    select * from {{ ref('int_customer_identity') }}
),

engagements as (
    select * from {{ ref('int_engagements') }}
),

cases as (
    select * from {{ ref('int_cases') }}
),

case_channels as (
    select * from {{ ref('case_channels') }}
),

answers as (
    select * from {{ ref('int_survey_answers') }}
),

risks as (
    select * from {{ ref('int_risk_records') }}
),

sentiments as (
    select * from {{ ref('int_sentiments') }}
),

actions as (
    select * from {{ ref('int_customer_actions') }}
),

plans as (
    select * from {{ ref('int_success_plans') }}
),

objectives as (
    select * from {{ ref('int_success_objectives') }}
),

plan_words as (
    select 'plan' as record_kind, system, plan_key as record_key, status_words from plans
    union all
    select 'objective' as record_kind, system, objective_key as record_key, status_words from objectives
),

statuses as (
    select * from {{ ref('success_status_map') }}
),

final as (
    select
        'type of engagement is not in the seed engagement_types' as finding,
        system,
        'engagement' as subject_type,
        min(engagement_key) as subject_id,
        concat(
            coalesce(type_words, broad_type_words, 'no type'),
            ', first of ',
            cast(count(*) as {{ dbt.type_string() }}),
            ' with the same word'
        ) as detail
    from engagements
    where engagement_type = 'unknown'
    group by system, coalesce(type_words, broad_type_words, 'no type')

    union all

    select
        'way in of a case is not in the seed case_channels' as finding,
        cases.system,
        'case' as subject_type,
        min(cases.case_key) as subject_id,
        concat(cases.channel, ', first of ', cast(count(*) as {{ dbt.type_string() }}), ' with the same word') as detail
    from cases
    left join case_channels on cases.channel = case_channels.channel_words
    where cases.channel is not null and case_channels.channel_words is null
    group by cases.system, cases.channel

    union all

    select
        'tone of an engagement is not in the seed sentiment_map' as finding,
        system,
        'engagement' as subject_type,
        min(engagement_key) as subject_id,
        concat(sentiment_words, ', first of ', cast(count(*) as {{ dbt.type_string() }}), ' with the same word') as detail
    from engagements
    where sentiment_words is not null and sentiment is null
    group by system, sentiment_words

    union all

    select
        'state of a relationship is not in the seed sentiment_map' as finding,
        system,
        'sentiment' as subject_type,
        min(sentiment_key) as subject_id,
        concat(state_words, ', first of ', cast(count(*) as {{ dbt.type_string() }}), ' with the same word') as detail
    from sentiments
    where relationship_state is null
    group by system, state_words

    union all

    select
        'survey question is of no kind the seed survey_questions knows' as finding,
        system,
        'question' as subject_type,
        question_key as subject_id,
        concat(cast(count(*) as {{ dbt.type_string() }}), ' answers') as detail
    from answers
    where question_kind = 'unknown'
    group by system, question_key

    union all

    select
        'survey answers have no known score or meaning' as finding,
        system,
        'answer' as subject_type,
        -- The words may be free text and stay in staging: one record leads to them.
        min(answer_key) as subject_id,
        concat(question_kind, ', first of ', cast(count(*) as {{ dbt.type_string() }}), ' to the same question') as detail
    from answers
    where question_kind <> 'unknown' and score is null and answer is null
    group by system, question_key, question_kind

    union all

    select
        'type of risk is not in the seed risk_types' as finding,
        system,
        'risk' as subject_type,
        min(risk_key) as subject_id,
        concat(
            coalesce(type_words, broad_type_words, 'no type'),
            ', first of ',
            cast(count(*) as {{ dbt.type_string() }}),
            ' with the same word'
        ) as detail
    from risks
    where risk_type = 'unknown'
    group by system, coalesce(type_words, broad_type_words, 'no type')

    union all

    -- Words of one's own may be anything: they stay in staging.
    select
        'type of an action is not in the seed action_types' as finding,
        system,
        'action' as subject_type,
        min(action_key) as subject_id,
        concat('first of ', cast(count(*) as {{ dbt.type_string() }})) as detail
    from actions
    where action_type = 'unknown'
    group by system

    union all

    select
        'reasons of risks are not in the seed risk_reason_map' as finding,
        system,
        'risk' as subject_type,
        min(risk_key) as subject_id,
        concat('first of ', cast(count(*) as {{ dbt.type_string() }})) as detail
    from risks
    where risk_reason = 'unknown'
    group by system

    union all

    select
        'status of a success plan or objective is not in the seed success_status_map' as finding,
        plan_words.system,
        plan_words.record_kind as subject_type,
        min(plan_words.record_key) as subject_id,
        concat(
            coalesce(plan_words.status_words, 'no status'), ', first of ', cast(count(*) as {{ dbt.type_string() }}), ' with the same word'
        ) as detail
    from plan_words
    left join statuses
        on plan_words.record_kind = statuses.record_kind and plan_words.status_words = statuses.status_words
    where statuses.status is null
    group by plan_words.system, plan_words.record_kind, plan_words.status_words

    union all

    select
        'success plans have no customer or no day they start on, and count nowhere' as finding,
        plans.system,
        'plan' as subject_type,
        min(plans.plan_key) as subject_id,
        concat('first of ', cast(count(*) as {{ dbt.type_string() }})) as detail
    from plans
    left join identity on plans.account_key = identity.account_key
    where identity.account_key is null or plans.start_date is null
    group by plans.system

    union all

    select
        'objectives are of no success plan, and count nowhere' as finding,
        objectives.system,
        'objective' as subject_type,
        min(objectives.objective_key) as subject_id,
        concat('first of ', cast(count(*) as {{ dbt.type_string() }})) as detail
    from objectives
    left join plans on objectives.plan_key = plans.plan_key
    where plans.plan_key is null
    group by objectives.system

    union all

    select
        'engagements, answers or risks are of an account that is not there' as finding,
        subjects.system,
        'account' as subject_type,
        coalesce(subjects.account_key, 'no account') as subject_id,
        concat(
            cast(sum(subjects.engagement_number) as {{ dbt.type_string() }}), ' engagements, ',
            cast(sum(subjects.answer_number) as {{ dbt.type_string() }}), ' answers, ',
            cast(sum(subjects.risk_number) as {{ dbt.type_string() }}), ' risks'
        ) as detail
    from (
        select system, account_key, 1 as engagement_number, 0 as answer_number, 0 as risk_number from engagements
        union all
        select system, account_key, 0 as engagement_number, 1 as answer_number, 0 as risk_number from answers
        union all
        select system, account_key, 0 as engagement_number, 0 as answer_number, 1 as risk_number from risks
    ) as subjects
    left join identity on subjects.account_key = identity.account_key
    where identity.account_key is null
    group by subjects.system, subjects.account_key
)

select * from final
