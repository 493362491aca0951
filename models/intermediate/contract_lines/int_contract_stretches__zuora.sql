-- grain: one segment of a Zuora charge between two pauses
{{ config(enabled='zuora' in var('systems')) }}

with segments as (
    select * from {{ ref('int_contract_segments__zuora') }}
),

pauses as (
    select * from {{ ref('int_contract_pauses__zuora') }}
),

paused_contracts as (
    select distinct contract_key from pauses
),

-- A segment runs from its start, and again from each resumption within it.
-- Zuora often breaks the charge itself: then nothing is left to cut.
runs as (
    select
        segments.contract_key,
        segments.rate_plan_charge_id,
        segments.start_date as run_start_date,
        segments.end_date as segment_end_date,
        segments.start_date
    from segments
    inner join paused_contracts on segments.contract_key = paused_contracts.contract_key
    union
    select
        segments.contract_key,
        segments.rate_plan_charge_id,
        pauses.resume_date as run_start_date,
        segments.end_date as segment_end_date,
        segments.start_date
    from segments
    inner join pauses on segments.contract_key = pauses.contract_key
    where pauses.resume_date > segments.start_date and (segments.end_date is null or pauses.resume_date < segments.end_date)
),

-- The first pause on or after its start ends a run; a run whose start lies within a pause never runs.
paused_runs as (
    select
        runs.rate_plan_charge_id,
        runs.run_start_date,
        runs.start_date,
        min(case when pauses.suspend_date >= runs.run_start_date then pauses.suspend_date end) as pause_date,
        max(case when pauses.suspend_date < runs.run_start_date then 1 else 0 end) = 1 as is_within_pause
    from runs
    left join pauses
        on
            runs.contract_key = pauses.contract_key
            and (runs.segment_end_date is null or pauses.suspend_date <= runs.segment_end_date)
            and (
                pauses.suspend_date >= runs.run_start_date
                or pauses.resume_date is null
                or pauses.resume_date > runs.run_start_date
            )
    group by runs.rate_plan_charge_id, runs.run_start_date, runs.start_date
),

stretches as (
    select
        segments.*,
        paused_runs.run_start_date,
        paused_runs.pause_date,
        coalesce(paused_runs.is_within_pause, false) as is_within_pause,
        pauses.resume_date
    from segments
    left join paused_runs on segments.rate_plan_charge_id = paused_runs.rate_plan_charge_id
    left join pauses on segments.contract_key = pauses.contract_key and paused_runs.pause_date = pauses.suspend_date
),

dated as (
    select
        *,
        coalesce(run_start_date, start_date) as line_start_date,
        case
            when is_within_pause then run_start_date
            else coalesce(pause_date, end_date)
        end as line_end_date,
        pause_date is not null and not is_within_pause as is_paused_at_end,
        -- A contract that is cancelled before it resumes does not come back from its pause.
        case
            when is_within_pause then cast(null as {{ dbt.type_string() }})
            when pause_date is null or pause_date = end_date and ending_cause is not null then ending_cause
            when is_contract_cancelled and (resume_date is null or resume_date >= contract_end_date) then 'cancellation'
        end as line_ending_cause
    from stretches
),

final as (
    select
        case
            when run_start_date > start_date
                then 'zuora:' || rate_plan_charge_id || ':' || cast(run_start_date as {{ dbt.type_string() }})
            else 'zuora:' || rate_plan_charge_id
        end as contract_line_id,
        account_key,
        contract_key,
        renewal_of_contract_key,
        product_key,
        rate_plan_id,
        line_start_date,
        line_end_date,
        term_start_date,
        term_end_date,
        quantity,
        unit_of_measure,
        mrr_amount,
        currency,
        escalator_rate,
        is_usage_commitment,
        line_ending_cause,
        case line_ending_cause
            when 'cancellation' then cancellation_known_date
            when 'removal' then removal_known_date
            when 'non_renewal' then renewal_off_known_date
        end as ending_known_date,
        is_paused_at_end,
        exclusion_reason,
        recorded_date
    from dated
)

select * from final
