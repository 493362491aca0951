-- grain: one visit of a customer to self-service
with unioned as (
    {{ union_systems('int_self_service_sessions', ['templates']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
