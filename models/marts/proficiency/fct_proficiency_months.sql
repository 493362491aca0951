-- grain: one active customer and month-end
-- noqa: disable=LT02
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }}
),

users as (
    select * from {{ ref('int_user_proficiency_months') }}
),

spans as (
    select * from {{ ref('int_proficiency_spans') }}
),

assessments as (
    select * from {{ ref('int_assessments') }}
),

steps as (
    select * from {{ ref('int_learning_steps') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

{% set counted = {
    'self_paced': ('is_trained_self_paced', "'trained_self_paced'"),
    'live_coaching': ('is_trained_live_coaching', "'trained_live_coaching'"),
    'ilt_in_person': ('is_trained_ilt_in_person', "'trained_ilt_in_person'"),
    'ilt_virtual': ('is_trained_ilt_virtual', "'trained_ilt_virtual'"),
    'certified': ('is_certified', "'certified'"),
    'proficient': ('is_proficient', "'certified', 'good_any', 'poor_any'"),
    'path': ('is_path', "'path'"),
    'rewarded': ('is_rewarded', "'rewarded'"),
    'access': ('is_access', "'access'"),
    'technical_assessed': ('is_good_technical or is_poor_technical', "'good_technical', 'poor_technical'"),
    'technical_proficient': ('is_good_technical', "'good_technical', 'poor_technical'"),
    'business_assessed': ('is_good_business or is_poor_business', "'good_business', 'poor_business'"),
    'business_proficient': ('is_good_business', "'good_business', 'poor_business'"),
} -%}
-- What no system ever told of is not known to be absent: each thing is looked for from the first day on which anybody had it.
begun as (
    select
        {%- for name, (_, kinds) in counted.items() %}
        min(case when span_kind in ({{ kinds }}) then from_date end) as {{ name }}_date{{ ',' if not loop.last }}
        {%- endfor %}
    from spans
),

begun_steps as (
    select
        min(case when step_type = 'path_assigned' and due_date is not null then step_date end) as planned_path_date,
        min(case when step_type = 'incentive_offered' then step_date end) as incentive_date
    from steps
),

user_counts as (
    select
        customer_id,
        month_end,
        {%- for name, (condition, _) in counted.items() %}
        count(case when {{ condition }} then 1 end) as {{ name }}_user_count{{ ',' if not loop.last }}
        {%- endfor %}
    from users
    group by customer_id, month_end
),

months as (
    select distinct
        month_end,
        snapshot_date,
        {{ add_days(add_months(add_days('month_end', 1), -12), -1) }} as year_before_date,
        {{ add_days(add_months(add_days('month_end', 1), -var('proficiency_valid_months')), -1) }} as validity_date
    from customer_months
),

assessed as (
    select identity.customer_id, assessments.*
    from assessments
    inner join identity on assessments.account_key = identity.account_key
),

last_assessed as (
    select assessed.customer_id, months.month_end, max(assessed.assessed_date) as last_assessed_date
    from months
    inner join assessed on assessed.assessed_date > months.year_before_date and assessed.assessed_date <= months.month_end
    group by assessed.customer_id, months.month_end
),

-- The first and the newest score of each skill of each user, of those that still count.
scored as (
    select
        assessed.customer_id,
        months.month_end,
        assessed.learner_key,
        assessed.skill_key,
        assessed.score,
        row_number() over (
            partition by months.month_end, assessed.customer_id, assessed.learner_key, assessed.skill_key
            order by assessed.assessed_at asc, assessed.assessment_key asc
        ) as first_place,
        row_number() over (
            partition by months.month_end, assessed.customer_id, assessed.learner_key, assessed.skill_key
            order by assessed.assessed_at desc, assessed.assessment_key desc
        ) as last_place
    from months
    inner join assessed on assessed.assessed_date > months.validity_date and assessed.assessed_date <= months.month_end
    where assessed.score is not null and assessed.learner_key is not null
),

score_changes as (
    select
        customer_id,
        month_end,
        sum(case when last_place = 1 then score else 0 end - case when first_place = 1 then score else 0 end) as score_change,
        count(case when last_place = 1 and first_place > 1 then 1 end) as rescored_skill_count
    from scored
    group by customer_id, month_end
),

assigned as (
    select identity.customer_id, steps.learner_key, steps.subject_id, steps.due_date, steps.step_key
    from steps
    inner join identity on steps.account_key = identity.account_key
    where steps.step_type = 'path_assigned' and steps.due_date is not null
),

completed as (
    select learner_key, subject_id, min(step_date) as completed_date
    from steps
    where step_type = 'path_completed'
    group by learner_key, subject_id
),

due_paths as (
    select
        assigned.customer_id,
        months.month_end,
        count(*) as due_path_count,
        count(case when completed.completed_date <= months.month_end then 1 end) as completed_path_count
    from months
    inner join assigned on assigned.due_date > months.year_before_date and assigned.due_date <= months.month_end
    left join completed on assigned.learner_key = completed.learner_key and assigned.subject_id = completed.subject_id
    group by assigned.customer_id, months.month_end
),

offered as (
    select identity.customer_id, steps.subject_id, min(steps.step_date) as offered_date
    from steps
    inner join identity on steps.account_key = identity.account_key
    where steps.step_type = 'incentive_offered'
    group by identity.customer_id, steps.subject_id
),

redeemed as (
    select subject_id, min(step_date) as redeemed_date
    from steps
    where step_type = 'incentive_redeemed'
    group by subject_id
),

incentives as (
    select
        offered.customer_id,
        months.month_end,
        count(*) as offered_incentive_count,
        count(case when redeemed.redeemed_date <= months.month_end then 1 end) as redeemed_incentive_count
    from months
    inner join offered on offered.offered_date > months.year_before_date and offered.offered_date <= months.month_end
    left join redeemed on offered.subject_id = redeemed.subject_id
    group by offered.customer_id, months.month_end
),

final as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        customer_months.tenure_band,
        -- Whose users there are to count: products counted by seats, or users that come.
        cast(coalesce(adoption_months.sold_quantity is not null or adoption_months.active_user_count > 0, false) as boolean) as has_users,
        adoption_months.active_user_count,
        {%- for name in counted %}
        cast(
            case
                when adoption_months.active_user_count is not null and begun.{{ name }}_date <= customer_months.month_end
                    then coalesce(user_counts.{{ name }}_user_count, 0)
            end as integer
        ) as {{ name }}_user_count,
        {%- endfor %}
        last_assessed.last_assessed_date,
        cast(
            {{ dbt.datediff('last_assessed.last_assessed_date', 'customer_months.snapshot_date', 'day') }} as integer  -- noqa: LT05
        ) as days_since_assessment,
        cast(coalesce(score_changes.score_change, 0) as decimal(18, 6)) as score_change,
        cast(coalesce(score_changes.rescored_skill_count, 0) as integer) as rescored_skill_count,
        cast(
            case
                when begun_steps.planned_path_date <= customer_months.month_end then coalesce(due_paths.due_path_count, 0)
            end as integer
        ) as due_path_count,
        cast(
            case
                when begun_steps.planned_path_date <= customer_months.month_end then coalesce(due_paths.completed_path_count, 0)
            end as integer
        ) as completed_path_count,
        cast(
            case
                when begun_steps.incentive_date <= customer_months.month_end then coalesce(incentives.offered_incentive_count, 0)
            end as integer
        ) as offered_incentive_count,
        cast(
            case
                when begun_steps.incentive_date <= customer_months.month_end then coalesce(incentives.redeemed_incentive_count, 0)
            end as integer
        ) as redeemed_incentive_count,
        customer_months.is_provisional
    from customer_months
    cross join begun
    cross join begun_steps
    left join adoption_months
        on customer_months.customer_id = adoption_months.customer_id and customer_months.month_end = adoption_months.month_end
    {%- for relation in ('user_counts', 'last_assessed', 'score_changes', 'due_paths', 'incentives') %}
    left join {{ relation }}
        on customer_months.customer_id = {{ relation }}.customer_id and customer_months.month_end = {{ relation }}.month_end
    {%- endfor %}
)

select * from final
