-- grain: one success plan
with unioned as (
    {{ union_systems('int_success_plans', ['gainsight', 'templates'], added=['is_draft', 'is_agreement_told']) }}
),

statuses as (
    select * from {{ ref('success_status_map') }} where record_kind = 'plan'
),

final as (
    select
        unioned.plan_key,
        unioned.system,
        unioned.account_key,
        unioned.status_words,
        unioned.start_date,
        unioned.due_date,
        unioned.agreed_date,
        -- Closed on a day that is still to come is open.
        (unioned.is_closed or coalesce(statuses.status = 'closed', false)) and coalesce(unioned.closed_date <= clock.as_of_date, true)
            as is_closed,
        case when unioned.closed_date <= clock.as_of_date then unioned.closed_date end as closed_date,
        coalesce(statuses.status = 'draft', false) as is_draft,
        -- Where a system never says when a plan was agreed, no plan of it is known to be not agreed.
        max(case when unioned.agreed_date is not null then 1 else 0 end) over (partition by unioned.system) = 1 as is_agreement_told,
        unioned.recorded_date
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    left join statuses on unioned.status_words = statuses.status_words
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
