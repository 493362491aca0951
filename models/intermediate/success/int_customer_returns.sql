-- grain: one benefit that a customer had of the product in a month, or one investment that it made
with unioned as (
    {{ union_systems('int_customer_returns', ['templates']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where
        (unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date)
        and unioned.return_date <= clock.as_of_date
)

select * from final
