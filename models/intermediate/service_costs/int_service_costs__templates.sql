-- grain: one cost of a service line in a month
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__service_costs') }}
),

final as (
    select
        'templates:' || cost_id as cost_key,
        'templates' as system,
        cost_month,
        service_line,
        cost_centre,
        region,
        amount,
        currency,
        is_investment,
        recorded_date
    from exported
)

select * from final
