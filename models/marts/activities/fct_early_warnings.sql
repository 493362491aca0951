-- grain: one early warning: a customer's move to a worse class at a month-end, or a risk put on record
{#- A person who steps in later than this answers something else. -#}
{%- set answer_days = 90 %}
with health_months as (
    select * from {{ ref('fct_health_months') }}
),

risks as (
    select * from {{ ref('int_risk_records') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

interventions as (
    select * from {{ ref('int_cs_activities') }} where activity_key = 'intervention' and is_by_person
),

logs as (
    select * from {{ ref('int_cs_activity_logs') }}
),

months as (
    select * from {{ ref('int_months') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

ranked as (
    select
        customer_id,
        month_end,
        month_number,
        snapshot_date,
        risk_class,
        case risk_class when 'healthy' then 1 when 'watch' then 2 when 'reducing' then 3 when 'defecting' then 4 end as severity
    from health_months
),

-- From a class that is not known nobody can tell whether it got worse.
warnings as (
    select
        concat(ranked.customer_id, '|', cast(ranked.month_end as {{ dbt.type_string() }})) as warning_key,
        ranked.customer_id,
        ranked.risk_class as warning_signal,
        ranked.snapshot_date as warning_date
    from ranked
    inner join ranked as earlier
        on ranked.customer_id = earlier.customer_id and ranked.month_number = earlier.month_number + 1
    where ranked.severity > earlier.severity

    union all

    select
        risks.risk_key as warning_key,
        identity.customer_id,
        'risk_record' as warning_signal,
        risks.opened_date as warning_date
    from risks
    inner join identity on risks.account_key = identity.account_key
    where risks.opened_date is not null
),

answers as (
    select warnings.warning_key, min(interventions.activity_date) as response_date
    from warnings
    inner join interventions
        on
            warnings.customer_id = interventions.customer_id
            and interventions.activity_date >= warnings.warning_date
            and interventions.activity_date <= {{ add_days('warnings.warning_date', answer_days) }}
    group by warnings.warning_key
),

answered as (
    select
        warnings.*,
        months.month_end,
        months.month_number,
        answers.response_date,
        {{ dbt.datediff('warnings.warning_date', 'answers.response_date', 'day') }} as response_days,  -- noqa: LT05
        -- Silence says something only where somebody would have logged the answer.
        coalesce(
            logs.tracked_from_date <= warnings.warning_date
            and logs.tracked_until_date >= least(
                {{ add_days('warnings.warning_date', var('intervention_sla_days')) }}, {{ add_days('clock.as_of_date', -31) }}
            ), false
        ) as is_log_known
    from warnings
    inner join months on warnings.warning_date >= months.month_start and warnings.warning_date <= months.month_end
    cross join clock
    left join answers on warnings.warning_key = answers.warning_key
    left join logs on warnings.customer_id = logs.customer_id
),

final as (
    select
        warning_key,
        customer_id,
        month_end,
        cast(month_number as integer) as month_number,
        warning_signal,
        warning_date,
        response_date,
        cast(response_days as integer) as response_days,
        cast(
            case when is_log_known then coalesce(response_days <= {{ var('intervention_sla_days') }}, false) end as boolean
        ) as is_answered_in_time
    from answered
)

select * from final
