-- grain: one value of an objective, or share of it that is done, on one day
with unioned as (
    {{ union_systems('int_objective_measurements', ['gainsight', 'templates']) }}
),

final as (
    select
        unioned.measurement_key,
        unioned.system,
        unioned.objective_key,
        -- A value of an unknown day is known today and was not before.
        coalesce(unioned.measured_date, clock.as_of_date) as measured_date,
        unioned.measured_value,
        case when unioned.percent_complete between 0 and 100 then unioned.percent_complete end as percent_complete,
        unioned.recorded_date
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where
        (unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date)
        and coalesce(unioned.measured_date, clock.as_of_date) <= clock.as_of_date
)

select * from final
