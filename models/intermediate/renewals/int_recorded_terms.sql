-- grain: one term of a contract whose system keeps past terms
with unioned as (
    {{ union_systems('int_recorded_terms', ['zuora']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
