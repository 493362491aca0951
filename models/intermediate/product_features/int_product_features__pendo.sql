-- grain: one Pendo feature
{{ config(enabled='pendo' in var('systems'), materialized='view') }}

with features as (
    select * from {{ ref('stg_pendo__feature_history') }}
),

feature_groups as (
    select * from {{ ref('stg_pendo__group') }}
),

final as (
    select
        'pendo:' || features.feature_id as feature_key,
        'pendo' as system,
        features.feature_id,
        features.feature_name,
        feature_groups.group_name as feature_group,
        'pendo:' || features.app_id as product_key,
        -- Pendo marks the core; what is not core need not be advanced.
        case when features.is_core_event then 'basic' end as tier,
        features.recorded_date
    from features
    left join feature_groups on features.group_id = feature_groups.group_id
)

select * from final
