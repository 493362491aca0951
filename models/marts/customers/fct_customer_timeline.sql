-- grain: one dated event of one customer
with revenue_changes as (
    select * from {{ ref('fct_revenue_changes') }}
),

case_events as (
    select * from {{ ref('fct_case_events') }}
),

cases as (
    select * from {{ ref('int_cases') }}
),

engagements as (
    select * from {{ ref('int_distinct_engagements') }}
),

answers as (
    select * from {{ ref('int_survey_answers') }}
),

risks as (
    select * from {{ ref('int_risk_records') }}
),

completions as (
    select * from {{ ref('int_training_completions') }}
),

plans as (
    select * from {{ ref('int_success_plans') }} where not is_draft
),

objectives_reached as (
    select * from {{ ref('int_objectives_reached') }}
),

health_months as (
    select * from {{ ref('fct_health_months') }}
),

renewals as (
    select * from {{ ref('fct_contract_renewals') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

months as (
    select * from {{ ref('int_months') }}
),

classed as (
    select
        customer_id,
        month_end,
        snapshot_date,
        risk_class,
        lag(risk_class) over (partition by customer_id order by month_end asc) as earlier_class
    from health_months
),

events as (
    -- Revenue is read at month-ends: a change is dated by the end of its month, that of the running one by as_of_date.
    select
        revenue_changes.customer_id,
        months.snapshot_date as event_date,
        'revenue_change' as event_kind,
        cast(revenue_changes.month_end as {{ dbt.type_string() }}) as subject_id,
        revenue_changes.movement as detail,
        revenue_changes.loss_reason as qualifier,
        cast(null as decimal(18, 6)) as score,
        revenue_changes.arr_change_amount as event_amount,
        cast(null as boolean) as is_open
    from revenue_changes
    inner join months on revenue_changes.month_end = months.month_end

    union all

    select
        case_events.customer_id,
        case_events.event_date,
        'case_opened' as event_kind,
        case_events.case_key as subject_id,
        case_events.severity as detail,
        case_events.confirmed_reason as qualifier,
        cast(null as decimal(18, 6)) as score,
        cast(null as decimal(18, 6)) as event_amount,
        not cases.is_closed as is_open
    from case_events
    inner join cases on case_events.case_key = cases.case_key
    where case_events.event = 'opened' and case_events.customer_id <> 'unknown'

    union all

    select
        customer_id,
        event_date,
        'case_closed' as event_kind,
        case_key as subject_id,
        case when is_satisfied then 'satisfied' when not is_satisfied then 'dissatisfied' end as detail,
        confirmed_reason as qualifier,
        cast(null as decimal(18, 6)) as score,
        cast(null as decimal(18, 6)) as event_amount,
        cast(null as boolean) as is_open
    from case_events
    where event = 'closed' and customer_id <> 'unknown'

    union all

    -- What both sides took part in, and what shows value; bulk mail would hide it.
    select
        customer_id,
        engagement_date as event_date,
        'engagement' as event_kind,
        engagement_key as subject_id,
        engagement_type as detail,
        sentiment as qualifier,
        cast(null as decimal(18, 6)) as score,
        cast(null as decimal(18, 6)) as event_amount,
        cast(null as boolean) as is_open
    from engagements
    where mode <> 'none' and (is_two_way or is_value_touch)

    union all

    select
        identity.customer_id,
        answers.answered_date as event_date,
        'survey_answer' as event_kind,
        answers.answer_key as subject_id,
        answers.question_kind as detail,
        answers.answer as qualifier,
        answers.score,
        cast(null as decimal(18, 6)) as event_amount,
        cast(null as boolean) as is_open
    from answers
    inner join identity on answers.account_key = identity.account_key
    where answers.answered_date is not null and (answers.score is not null or answers.answer is not null)

    union all

    select
        identity.customer_id,
        risks.opened_date as event_date,
        'risk_opened' as event_kind,
        risks.risk_key as subject_id,
        risks.risk_type as detail,
        risks.risk_reason as qualifier,
        cast(null as decimal(18, 6)) as score,
        cast(null as decimal(18, 6)) as event_amount,
        not risks.is_closed as is_open
    from risks
    inner join identity on risks.account_key = identity.account_key
    where risks.opened_date is not null

    union all

    select
        identity.customer_id,
        risks.closed_date as event_date,
        'risk_closed' as event_kind,
        risks.risk_key as subject_id,
        risks.risk_type as detail,
        risks.risk_reason as qualifier,
        cast(null as decimal(18, 6)) as score,
        cast(null as decimal(18, 6)) as event_amount,
        cast(null as boolean) as is_open
    from risks
    inner join identity on risks.account_key = identity.account_key
    where risks.closed_date is not null

    union all

    select
        customer_id,
        snapshot_date as event_date,
        'class_change' as event_kind,
        cast(month_end as {{ dbt.type_string() }}) as subject_id,
        risk_class as detail,
        earlier_class as qualifier,
        cast(null as decimal(18, 6)) as score,
        cast(null as decimal(18, 6)) as event_amount,
        cast(null as boolean) as is_open
    from classed
    where risk_class <> earlier_class

    union all

    -- What is due on a day still to come has not happened.
    select
        renewals.customer_id,
        renewals.due_date as event_date,
        'contract_due' as event_kind,
        renewals.renewal_key as subject_id,
        renewals.contract_kind as detail,
        case when renewals.is_renewed then 'renewed' when not renewals.is_open then 'not_renewed' end as qualifier,
        cast(null as decimal(18, 6)) as score,
        renewals.available_amount as event_amount,
        renewals.is_open
    from renewals
    cross join clock
    where renewals.due_date <= clock.as_of_date

    union all

    select
        renewals.customer_id,
        renewals.renewal_start_date as event_date,
        'contract_renewed' as event_kind,
        renewals.renewal_key as subject_id,
        renewals.contract_kind as detail,
        case when renewals.is_late then 'late' end as qualifier,
        cast(null as decimal(18, 6)) as score,
        renewals.renewed_amount as event_amount,
        cast(null as boolean) as is_open
    from renewals
    cross join clock
    where renewals.is_renewed and renewals.renewal_start_date <= clock.as_of_date

    union all

    -- All who took part on one day in one way; of whom nobody is named there was somebody.
    select
        identity.customer_id,
        completions.completed_date as event_date,
        'training' as event_kind,
        concat(cast(completions.completed_date as {{ dbt.type_string() }}), '|', completions.mode) as subject_id,
        completions.mode as detail,
        cast(null as {{ dbt.type_string() }}) as qualifier,
        cast(count(distinct coalesce(completions.learner_key, '')) as decimal(18, 6)) as score,
        cast(null as decimal(18, 6)) as event_amount,
        cast(null as boolean) as is_open
    from completions
    inner join identity on completions.account_key = identity.account_key
    group by identity.customer_id, completions.completed_date, completions.mode
    {%- for kind, day in (('success_plan_agreed', 'agreed_date'), ('success_plan_closed', 'closed_date')) %}

    union all

    select
        identity.customer_id,
        plans.{{ day }} as event_date,
        '{{ kind }}' as event_kind,
        plans.plan_key as subject_id,
        cast(null as {{ dbt.type_string() }}) as detail,
        cast(null as {{ dbt.type_string() }}) as qualifier,
        cast(null as decimal(18, 6)) as score,
        cast(null as decimal(18, 6)) as event_amount,
        cast(null as boolean) as is_open
    from plans
    inner join identity on plans.account_key = identity.account_key
    cross join clock
    where plans.{{ day }} <= clock.as_of_date
    {%- endfor %}

    union all

    select
        customer_id,
        reached_date as event_date,
        'objective_reached' as event_kind,
        objective_key as subject_id,
        cast(null as {{ dbt.type_string() }}) as detail,
        cast(null as {{ dbt.type_string() }}) as qualifier,
        cast(null as decimal(18, 6)) as score,
        cast(null as decimal(18, 6)) as event_amount,
        cast(null as boolean) as is_open
    from objectives_reached
),

final as (
    select
        customer_id,
        concat(event_kind, '|', subject_id) as event_key,
        event_date,
        event_kind,
        subject_id,
        detail,
        qualifier,
        cast(score as decimal(18, 6)) as score,
        cast(event_amount as decimal(18, 6)) as event_amount,
        is_open,
        -- Newest first; on one day what it came to stands above what led there.
        cast(
            row_number() over (
                partition by customer_id
                order by
                    event_date desc,
                    case event_kind
                        when 'revenue_change' then 1
                        when 'class_change' then 2
                        when 'contract_renewed' then 3
                        when 'contract_due' then 4
                        when 'risk_closed' then 5
                        when 'risk_opened' then 6
                        when 'survey_answer' then 7
                        when 'engagement' then 8
                        when 'training' then 9
                        when 'case_closed' then 10
                        when 'success_plan_closed' then 11
                        when 'objective_reached' then 12
                        when 'success_plan_agreed' then 13
                        else 14
                    end asc,
                    subject_id asc
            ) as integer
        ) as event_number
    from events
)

select * from final
