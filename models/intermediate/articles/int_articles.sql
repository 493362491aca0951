-- grain: one article of a help center
with unioned as (
    {{ union_systems('int_articles', ['zendesk']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
