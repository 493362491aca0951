-- grain: one delivery of a service to a customer on a day, and what it earns
with unioned as (
    {{ union_systems('int_service_deliveries', ['kantata', 'templates']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
