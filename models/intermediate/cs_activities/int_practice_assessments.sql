-- grain: one judgement of the company on one activity of customer success
with unioned as (
    {{ union_systems('int_practice_assessments', ['templates']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where
        (unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date)
        and unioned.assessed_date <= clock.as_of_date
)

select * from final
