-- grain: one learner and id by which the usage of the product may know it
with unioned as (
    {{ union_systems('int_learners', ['skilljar', 'templates', 'thought_industries']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
