-- grain: one project in which services are delivered to a customer
with unioned as (
    {{ union_systems('int_service_projects', ['kantata', 'templates']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
