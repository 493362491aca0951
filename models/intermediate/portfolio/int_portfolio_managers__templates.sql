-- grain: one manager of the portfolio_managers template from a day on
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with managers as (
    select * from {{ ref('stg_templates__portfolio_managers') }}
),

final as (
    select manager_id, 'templates' as system, valid_from, valid_until, fte, recorded_date
    from managers
)

select * from final
