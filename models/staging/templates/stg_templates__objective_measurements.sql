-- grain: one value of an objective on one day
with exported as (

    select * from {{ ref('base_templates__objective_measurements') }}

),

final as (

    select
        measurement_id,
        objective_id,
        coalesce({{ lower_case('objective_system') }}, 'templates') as objective_system,
        measured_date,
        value as measured_value,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
