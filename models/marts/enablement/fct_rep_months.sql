-- grain: one rep who sells services, and month-end
{#- Days of a training or a look into the catalogue that still counts. -#}
{%- set training_days = 180 %}
{%- set view_days = 90 %}
{%- set modes = ('classroom', 'virtual', 'self_paced', 'live') %}
with reps as (
    select * from {{ ref('dim_reps') }} where is_service_seller
),

months as (
    select * from {{ ref('int_months') }}
),

modules as (
    select * from {{ ref('int_rep_modules') }}
),

qualifications as (
    select * from {{ ref('int_rep_qualifications') }}
),

quotas as (
    select * from {{ ref('int_rep_quotas') }}
),

views as (
    select * from {{ ref('int_catalog_views') }}
),

uses as (
    select * from {{ ref('int_resource_uses') }} where rep_id is not null
),

-- Before its first record a list says nothing of anybody.
begun as (
    select
        (select min(coalesce(assigned_date, completed_date)) from modules) as module_date,
        (select min(quota_month) from quotas) as quota_date,
        (select min(viewed_date) from views) as view_date,
        (select min(used_date) from uses) as use_date
),

active as (
    select
        reps.rep_id,
        months.month_end,
        cast(months.month_number as integer) as month_number,
        reps.party,
        reps.region,
        months.month_start,
        months.snapshot_date,
        months.is_provisional
    from reps
    inner join months
        on
            (reps.started_date is null or reps.started_date <= months.snapshot_date)
            and (reps.ended_date is null or reps.ended_date > months.snapshot_date)
),

trained as (
    select
        active.rep_id,
        active.month_end,
        count(case when modules.assigned_date <= active.snapshot_date then 1 end) as assigned_count,
        max(case when modules.completed_date <= active.snapshot_date then modules.completed_date end) as last_trained_date,
        {%- for mode in modes %}
        max(case when modules.mode = '{{ mode }}' and modules.completed_date <= active.snapshot_date then modules.completed_date end)
            as last_trained_{{ mode }}_date,
        {%- endfor %}
        count(
            case when modules.topic = 'value_proposition' and modules.completed_date <= active.snapshot_date then 1 end
        ) as value_module_count
    from active
    inner join modules on active.rep_id = modules.rep_id
    group by active.rep_id, active.month_end
),

viewed as (
    select active.rep_id, active.month_end, max(views.viewed_date) as last_date
    from active
    inner join views on active.rep_id = views.rep_id and active.snapshot_date >= views.viewed_date
    group by active.rep_id, active.month_end
),

used as (
    select active.rep_id, active.month_end, max(uses.used_date) as last_date
    from active
    inner join uses on active.rep_id = uses.rep_id and active.snapshot_date >= uses.used_date
    group by active.rep_id, active.month_end
),

goals as (
    select rep_id, quota_month, max(service_quota_amount) as service_quota_amount
    from quotas
    group by rep_id, quota_month
),

final as (
    select
        active.rep_id,
        active.month_end,
        active.month_number,
        active.party,
        active.region,
        cast(case when begun.module_date <= active.snapshot_date then coalesce(trained.assigned_count, 0) > 0 end as boolean)
            as has_curriculum,
        cast(
            case when begun.module_date <= active.snapshot_date then coalesce(trained.value_module_count, 0) > 0 end as boolean
        ) as has_value_proposition,
        cast({{ dbt.datediff('trained.last_trained_date', 'active.snapshot_date', 'day') }} as integer) as days_since_training,  -- noqa: LT05
        {%- for mode in modes %}
        cast({{ dbt.datediff('trained.last_trained_' ~ mode ~ '_date', 'active.snapshot_date', 'day') }} as integer)  -- noqa: LT05
            as days_since_{{ mode }}_training,
        {%- endfor %}
        cast(
            case
                when begun.module_date <= active.snapshot_date
                    then coalesce(trained.last_trained_date > {{ add_days('active.snapshot_date', -training_days) }}, false)
            end as boolean
        ) as is_trained,
        {%- for mode in modes %}
        cast(
            case
                when begun.module_date <= active.snapshot_date
                    then coalesce(trained.last_trained_{{ mode }}_date > {{ add_days('active.snapshot_date', -training_days) }}, false)
            end as boolean
        ) as is_trained_{{ mode }},
        {%- endfor %}
        cast(qualifications.is_tested as boolean) as is_tested,
        cast(qualifications.is_passed as boolean) as is_passed,
        cast(qualifications.is_qualified as boolean) as is_qualified,
        cast(
            case
                when begun.view_date <= active.snapshot_date
                    then coalesce(viewed.last_date > {{ add_days('active.snapshot_date', -view_days) }}, false)
            end as boolean
        ) as has_catalog_view,
        cast(
            case
                when begun.use_date <= active.snapshot_date
                    then coalesce(used.last_date > {{ add_days('active.snapshot_date', -view_days) }}, false)
            end as boolean
        ) as has_resource_use,
        cast(
            case when begun.quota_date <= active.snapshot_date then coalesce(goals.service_quota_amount > 0, false) end as boolean
        ) as has_quota,
        active.is_provisional
    from active
    cross join begun
    left join trained on active.rep_id = trained.rep_id and active.month_end = trained.month_end
    left join viewed on active.rep_id = viewed.rep_id and active.month_end = viewed.month_end
    left join used on active.rep_id = used.rep_id and active.month_end = used.month_end
    left join goals on active.rep_id = goals.rep_id and active.month_start = goals.quota_month
    left join qualifications
        on
            active.rep_id = qualifications.rep_id
            and active.snapshot_date >= qualifications.valid_from_date
            and (qualifications.valid_until_date is null or active.snapshot_date < qualifications.valid_until_date)
)

select * from final
