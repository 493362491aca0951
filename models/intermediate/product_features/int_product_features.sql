-- grain: one feature of a product that a system knows
with unioned as (
    {{ union_systems('int_product_features', ['pendo', 'ravenstack', 'templates']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
