-- grain: the time of a person on one activity of one day
with unioned as (
    {{ union_systems('int_time_entries', ['templates']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
