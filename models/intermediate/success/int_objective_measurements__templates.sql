-- grain: one value of an objective of the templates on one day
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with measurements as (

    select * from {{ ref('stg_templates__objective_measurements') }}

),

objectives as (

    select * from {{ ref('stg_templates__success_objectives') }}

),

final as (

    select
        'templates:measurement:' || measurement_id as measurement_key,
        'templates' as system,
        objective_system || ':' || objective_id as objective_key,
        measured_date,
        measured_value,
        cast(null as decimal(18, 6)) as percent_complete,
        recorded_date
    from measurements

    union all

    -- The value of the objective's own row has no history: it counts from the day on which the row was last changed.
    select
        'templates:objective:' || objective_id as measurement_key,
        'templates' as system,
        'templates:' || objective_id as objective_key,
        updated_date as measured_date,
        current_value as measured_value,
        percent_complete,
        recorded_date
    from objectives
    where current_value is not null or percent_complete is not null

)

select * from final
