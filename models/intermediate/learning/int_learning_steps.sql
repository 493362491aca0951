-- grain: one step towards learning, of a customer or of one of its people
with unioned as (
    {{ union_systems('int_learning_steps', ['templates', 'thought_industries']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
