-- grain: one success plan of the success_plans template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with plans as (

    select * from {{ ref('stg_templates__success_plans') }}

),

final as (

    select
        'templates:' || plan_id as plan_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        {{ lower_case('status_raw') }} as status_words,
        start_date,
        due_date,
        agreed_date,
        closed_date is not null as is_closed,
        closed_date,
        recorded_date
    from plans

)

select * from final
