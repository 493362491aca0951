-- grain: one case and one defect that causes it
with unioned as (
    {{ union_systems('int_case_defects', ['jira', 'zendesk', 'templates']) }}
),

defects as (
    select * from {{ ref('int_defects') }}
),

-- Some systems name a defect by the number that people read: such a link is the same as one by id.
numbered as (
    select defect_number, min(defect_key) as defect_key
    from defects
    group by defect_number
),

resolved as (
    select
        unioned.case_key,
        coalesce(numbered.defect_key, unioned.defect_key) as defect_key,
        unioned.system,
        unioned.recorded_date
    from unioned
    left join numbered on unioned.defect_key = numbered.defect_number
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
),

final as (
    select case_key, defect_key, min(system) as system, min(recorded_date) as recorded_date
    from resolved
    group by case_key, defect_key
)

select * from final
