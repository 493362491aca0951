-- grain: one look of one rep into the catalogue of services, of the catalog_views template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__catalog_views') }}
),

final as (
    select
        'templates:' || view_id as view_key,
        'templates' as system,
        rep_id,
        viewed_date,
        recorded_date
    from exported
)

select * from final
