-- grain: one account of one system
with unioned as (
    {{ union_systems('int_customers', [
        'salesforce', 'stripe', 'zuora', 'gainsight', 'kantata', 'pendo', 'qualtrics', 'ravenstack', 'skilljar', 'templates', 'thought_industries', 'zendesk',
    ]) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
