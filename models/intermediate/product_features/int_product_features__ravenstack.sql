-- grain: one feature that RavenStack tells use of
{{ config(enabled='ravenstack' in var('systems'), materialized='view') }}

with feature_usage as (
    select * from {{ ref('stg_ravenstack__feature_usage') }}
),

final as (
    select
        'ravenstack:' || feature_name as feature_key,
        'ravenstack' as system,
        feature_name as feature_id,
        feature_name,
        cast(null as {{ dbt.type_string() }}) as feature_group,
        -- Every plan has every feature.
        cast(null as {{ dbt.type_string() }}) as product_key,
        cast(null as {{ dbt.type_string() }}) as tier,
        min(recorded_date) as recorded_date
    from feature_usage
    where feature_name is not null
    group by feature_name
)

select * from final
