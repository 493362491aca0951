-- grain: one account whose use a system tells
with unioned as (
    {{ union_systems('int_usage_accounts', ['pendo', 'ravenstack', 'templates']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.tracked_from_date <= clock.as_of_date
)

select * from final
