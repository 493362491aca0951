-- grain: one row of the sales_resource_uses template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__sales_resource_uses') }}
),

final as (
    select
        'templates:' || use_id as use_key,
        'templates' as system,
        opportunity_id,
        rep_id,
        case when resource_kind in ('message', 'content', 'tool', 'catalog') then resource_kind else 'other' end as resource_kind,
        resource_id,
        coalesce(is_value_asset, false) as is_value_asset,
        used_date,
        recorded_date
    from exported
)

select * from final
