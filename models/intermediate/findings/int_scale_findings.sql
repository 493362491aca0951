-- grain: one thing in time sheets and fixes of causes that a person should look at
with entries as (
    select * from {{ ref('int_time_entries') }}
),

fixes as (
    select * from {{ ref('int_cause_fixes') }}
),

cases as (
    select * from {{ ref('int_cases') }}
),

final as (
    select
        'activity of a time sheet is not in the seed activity_values' as finding,
        system,
        'time_entry' as subject_type,
        min(entry_key) as subject_id,
        concat(coalesce(activity, 'no activity'), ', first of ', cast(count(*) as {{ dbt.type_string() }}), ' with the same word') as detail
    from entries
    where is_high_value is null
    group by system, coalesce(activity, 'no activity')

    union all

    select
        'cause is fixed, but no case names it' as finding,
        system,
        'cause' as subject_type,
        cause as subject_id,
        concat('fixed on ', cast(fixed_date as {{ dbt.type_string() }})) as detail
    from fixes
    where not exists (select 1 from cases where cases.cause = fixes.cause)
)

select * from final
