-- grain: one rep who sells services, topic of modules and month-end, with modules due
with reps as (
    select * from {{ ref('fct_rep_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

modules as (
    select
        rep_id,
        topic,
        module,
        min(due_date) as due_date,
        min(completed_date) as completed_date
    from {{ ref('int_rep_modules') }}
    where assigned_date is not null and due_date is not null
    group by rep_id, topic, module
),

final as (
    select
        concat(reps.rep_id, '|', modules.topic) as rep_topic_id,
        reps.rep_id,
        modules.topic,
        reps.month_end,
        reps.party,
        reps.region,
        cast(count(*) as integer) as due_module_count,
        cast(count(case when modules.completed_date <= months.snapshot_date then 1 end) as integer) as completed_module_count,
        reps.is_provisional
    from reps
    inner join months on reps.month_end = months.month_end
    inner join modules on reps.rep_id = modules.rep_id and months.snapshot_date >= modules.due_date
    group by reps.rep_id, modules.topic, reps.month_end, reps.party, reps.region, reps.is_provisional
)

select * from final
