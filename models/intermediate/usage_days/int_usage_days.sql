-- grain: one account, user, product, feature and day with use
{#- A view: what feeds it are tables, and the largest of the warehouse. #}
{{ config(materialized='view') }}

with unioned as (
    {{ union_systems('int_usage_days', ['pendo', 'ravenstack', 'templates']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
