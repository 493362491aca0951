-- grain: one feature of the product_features template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with features as (
    select * from {{ ref('stg_templates__product_features') }}
),

final as (
    select
        'templates:' || feature_id as feature_key,
        'templates' as system,
        feature_id,
        feature_name,
        cast(null as {{ dbt.type_string() }}) as feature_group,
        'templates:' || product_id as product_key,
        case when tier in ('basic', 'advanced') then tier end as tier,
        recorded_date
    from features
)

select * from final
