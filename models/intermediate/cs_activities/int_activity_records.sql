-- grain: one completed activity of customer success that no engagement tells of
with unioned as (
    {{ union_systems('int_activity_records', ['gainsight', 'templates']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where
        (unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date)
        and unioned.activity_date <= clock.as_of_date
)

select * from final
