-- grain: one health score of a customer on a day, as a customer success system scored it
with unioned as (
    {{ union_systems('int_vendor_health_scores', ['gainsight']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where
        (unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date)
        and unioned.score_date <= clock.as_of_date
)

select * from final
