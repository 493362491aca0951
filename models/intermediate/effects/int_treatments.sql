-- grain: one customer, kind of treatment, treatment and month in which it took place; `all` = any treatment of the kind
with engagements as (
    select * from {{ ref('int_distinct_engagements') }} where is_two_way
),

actions as (
    select * from {{ ref('int_customer_actions') }}
),

completions as (
    select * from {{ ref('int_training_completions') }} where mode <> 'unknown'
),

types as (
    select * from {{ ref('action_types') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- Another kind of treatment is one more part of this union.
treated as (
    select
        engagements.customer_id,
        'action' as treatment_kind,
        types.action_type as treatment,
        engagements.engagement_date as treatment_date
    from engagements
    inner join types on engagements.engagement_type = types.action_words

    union all

    select identity.customer_id, 'action' as treatment_kind, actions.action_type as treatment, actions.action_date as treatment_date
    from actions
    inner join identity on actions.account_key = identity.account_key

    union all

    select
        identity.customer_id,
        'proficiency' as treatment_kind,
        completions.mode as treatment,
        completions.completed_date as treatment_date
    from completions
    inner join identity on completions.account_key = identity.account_key
),

each_and_all as (
    select customer_id, treatment_kind, treatment, treatment_date from treated
    union all
    select customer_id, treatment_kind, 'all' as treatment, treatment_date from treated
),

-- What is still to come, or dated before the first month, has no month here.
final as (
    select distinct
        each_and_all.customer_id,
        each_and_all.treatment_kind,
        each_and_all.treatment,
        months.month_number
    from each_and_all
    inner join months
        on each_and_all.treatment_date >= months.month_start and each_and_all.treatment_date <= months.snapshot_date
)

select * from final
