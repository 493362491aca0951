-- grain: one recorded reason why a contract or customer was lost or shrank
with unioned as (
    {{ union_systems('int_loss_reasons', ['salesforce', 'stripe', 'zuora', 'ravenstack', 'templates']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
