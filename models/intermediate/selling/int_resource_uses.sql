-- grain: one use of a message or resource by Sales
with unioned as (
    {{ union_systems('int_resource_uses', ['templates'], added=['opportunity_key']) }}
),

{{ with_opportunity_keys('unioned') }},

final as (
    select keyed.*
    from keyed
    cross join {{ ref('int_as_of') }} as clock
    where keyed.recorded_date is null or keyed.recorded_date <= clock.as_of_date
)

select * from final
