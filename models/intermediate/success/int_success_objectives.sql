-- grain: one objective of a success plan
with unioned as (
    {{ union_systems('int_success_objectives', ['gainsight', 'templates'], added=['outcome']) }}
),

statuses as (
    select * from {{ ref('success_status_map') }} where record_kind = 'objective'
),

typed as (
    select
        unioned.*,
        case
            when statuses.status in ('won', 'lost') then statuses.status
            when unioned.is_closed then 'unknown'
            when statuses.status = 'open' or unioned.status_words is null then 'open'
            else 'unknown'
        end as outcome
    from unioned
    left join statuses on unioned.status_words = statuses.status_words
),

final as (
    select
        typed.objective_key,
        typed.system,
        typed.plan_key,
        typed.status_words,
        typed.outcome,
        typed.start_date,
        typed.due_date,
        typed.is_closed or typed.outcome in ('won', 'lost') as is_closed,
        case when typed.is_closed or typed.outcome in ('won', 'lost') then typed.closed_date end as closed_date,
        typed.unit,
        typed.baseline_value,
        typed.target_value,
        typed.weight,
        typed.has_success_criteria,
        -- Where a system never names an owner, a resource or a service, no objective of it is known to be without.
        {%- for part in ('owner', 'resource', 'service') %}
        case
            when max(case when typed.has_{{ part }} then 1 else 0 end) over (partition by typed.system) = 1 then typed.has_{{ part }}
        end as has_{{ part }},
        {%- endfor %}
        typed.miss_reason,
        typed.recorded_date
    from typed
    cross join {{ ref('int_as_of') }} as clock
    where typed.recorded_date is null or typed.recorded_date <= clock.as_of_date
)

select * from final
