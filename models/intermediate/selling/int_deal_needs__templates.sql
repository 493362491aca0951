-- grain: one row of the deal_needs template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__deal_needs') }}
),

final as (
    select
        'templates:' || need_id as need_key,
        'templates' as system,
        opportunity_id,
        identified_date,
        matched_date,
        recorded_date
    from exported
)

select * from final
