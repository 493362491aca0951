-- grain: one stretch of one state of a Stripe subscription
{{ config(enabled='stripe' in var('systems'), materialized='table') }}

{%- set ever = "date '1900-01-01'" %}
{%- set never = "date '9999-12-31'" %}

with versions as (

    select * from {{ ref('stg_stripe__subscription_history') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions__stripe') }}

),

-- A canceled version says nothing that service_end_date does not say better.
classified as (

    select
        versions.subscription_id,
        versions.valid_from_at,
        versions.valid_from_date,
        coalesce(versions.current_period_start_date, subscriptions.current_period_start_date) as current_period_start_date,
        case
            when versions.subscription_status = 'trialing' then 'trial'
            when versions.subscription_status = 'unpaid' then 'unpaid'
            when versions.subscription_status = 'paused' then 'paused'
            when versions.subscription_status in ('active', 'past_due') and versions.pause_collection_behavior is not null then 'paused'
            when versions.subscription_status in ('active', 'past_due') then 'serving'
            else 'incomplete'
        end as state,
        versions.pause_resumes_date as resumes_date,
        max(versions.valid_from_at) over (partition by versions.subscription_id) as newest_valid_from_at
    from versions
    inner join subscriptions
        on versions.subscription_id = subscriptions.subscription_id
    where versions.subscription_status <> 'canceled'

),

ordered as (

    select
        *,
        lag(state) over (partition by subscription_id order by valid_from_at asc nulls first) as previous_state,
        lag(resumes_date) over (partition by subscription_id order by valid_from_at asc nulls first) as previous_resumes_date
    from classified
    -- A version without a date among dated ones cannot be placed in time.
    where valid_from_at is not null or newest_valid_from_at is null

),

changes as (

    select
        subscription_id,
        valid_from_at,
        state,
        resumes_date,
        previous_state is null as is_first,
        case
            -- The first version known is a stop whose beginning nobody saw: the period it stopped is not served.
            when previous_state is null and state in ('unpaid', 'paused') and current_period_start_date is not null
                then
                    case
                        when valid_from_date < current_period_start_date then valid_from_date
                        else current_period_start_date
                    end
            else coalesce(valid_from_date, {{ ever }})
        end as start_date
    from ordered
    where
        state is distinct from previous_state
        or resumes_date is distinct from previous_resumes_date

),

-- Before the first version known the invoices speak; only a trial or an incomplete start reaches back.
dated as (

    select
        subscription_id,
        state,
        resumes_date,
        start_date,
        coalesce(lead(start_date) over (partition by subscription_id order by valid_from_at asc nulls first), {{ never }}) as end_date
    from changes

    union all

    select
        subscription_id,
        case when state in ('trial', 'incomplete') then state else 'serving' end as state,
        cast(null as date) as resumes_date,
        {{ ever }} as start_date,
        start_date as end_date
    from changes
    where is_first

    union all

    -- Nothing but canceled versions.
    select
        subscriptions.subscription_id,
        'serving' as state,
        cast(null as date) as resumes_date,
        {{ ever }} as start_date,
        {{ never }} as end_date
    from subscriptions
    left join changes
        on subscriptions.subscription_id = changes.subscription_id
    where changes.subscription_id is null

),

resumed as (

    select
        subscription_id,
        state,
        start_date,
        case when state = 'paused' and resumes_date < end_date then resumes_date else end_date end as end_date
    from dated

    union all

    select
        subscription_id,
        'serving' as state,
        case when resumes_date < start_date then start_date else resumes_date end as start_date,
        end_date
    from dated
    where state = 'paused' and resumes_date < end_date

),

-- The trial's own dates are exact, those of a version are as late as the loader was.
with_trial as (

    select
        resumed.subscription_id,
        resumed.state,
        resumed.start_date,
        resumed.end_date,
        coalesce(subscriptions.trial_start_date, {{ ever }}) as trial_start_date,
        subscriptions.trial_end_date,
        coalesce(subscriptions.service_end_date, {{ never }}) as service_end_date
    from resumed
    inner join subscriptions
        on resumed.subscription_id = subscriptions.subscription_id

),

split_by_trial as (

    select subscription_id, state, start_date, end_date, service_end_date
    from with_trial
    where trial_end_date is null

    union all

    select subscription_id, state, start_date, least(end_date, trial_start_date) as end_date, service_end_date
    from with_trial
    where trial_end_date is not null

    union all

    select
        subscription_id,
        case when state = 'serving' then 'trial' else state end as state,
        greatest(start_date, trial_start_date) as start_date,
        least(end_date, trial_end_date) as end_date,
        service_end_date
    from with_trial
    where trial_end_date is not null

    union all

    select
        subscription_id,
        case when state = 'trial' then 'serving' else state end as state,
        greatest(start_date, trial_end_date) as start_date,
        end_date,
        service_end_date
    from with_trial
    where trial_end_date is not null

),

cut as (

    select subscription_id, state, start_date, least(end_date, service_end_date) as end_date
    from split_by_trial
    where start_date < end_date and start_date < service_end_date

),

marked as (

    select
        *,
        case
            when lag(state) over (partition by subscription_id order by start_date asc) = state then 0
            else 1
        end as is_new_stretch
    from cut

),

numbered as (

    select
        *,
        sum(is_new_stretch) over (
            partition by subscription_id
            order by start_date asc
            rows between unbounded preceding and current row
        ) as stretch_number
    from marked

),

stretches as (

    select
        subscription_id,
        stretch_number,
        state,
        min(start_date) as start_date,
        max(end_date) as end_date
    from numbered
    group by subscription_id, stretch_number, state

),

final as (

    select
        subscription_id,
        state,
        start_date,
        nullif(end_date, {{ never }}) as end_date,
        coalesce(lead(state) over (partition by subscription_id order by start_date asc) = 'paused', false) as is_paused_at_end
    from stretches

)

select * from final
