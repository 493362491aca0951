-- grain: one hourly cost of a role in a region from a day on
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__labour_rates') }}
),

final as (
    select
        'templates:' || rate_id as rate_key,
        'templates' as system,
        role,
        region,
        valid_from_date,
        hourly_amount,
        currency,
        recorded_date
    from exported
)

select * from final
