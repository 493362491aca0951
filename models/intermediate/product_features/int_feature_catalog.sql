-- grain: one feature, with features that only usage mentions
with features as (
    select * from {{ ref('int_product_features') }}
),

mentions as (
    select * from {{ ref('int_usage_mentions') }}
),

families as (
    select * from {{ ref('int_usage_product_families') }}
),

tiers as (
    select * from {{ ref('feature_tiers') }}
),

mentioned as (
    select feature_key, system, min(product_key) as product_key, max(product_key) as last_product_key
    from mentions
    where feature_key is not null
    group by feature_key, system
),

known as (
    select feature_key, system, feature_id, feature_name, feature_group, product_key, tier
    from features

    union all

    select
        mentioned.feature_key,
        mentioned.system,
        substr(mentioned.feature_key, length(mentioned.system) + 2) as feature_id,
        cast(null as {{ dbt.type_string() }}) as feature_name,
        cast(null as {{ dbt.type_string() }}) as feature_group,
        -- A feature that several products share is of none in particular.
        case when mentioned.product_key = mentioned.last_product_key then mentioned.product_key end as product_key,
        cast(null as {{ dbt.type_string() }}) as tier
    from mentioned
    left join features on mentioned.feature_key = features.feature_key
    where features.feature_key is null
),

final as (
    select
        known.feature_key,
        known.system,
        known.feature_id,
        coalesce(known.feature_name, known.feature_id) as feature_name,
        known.feature_group,
        known.product_key,
        coalesce(by_feature.product_family, by_group.product_family, families.product_family) as product_family,
        coalesce(by_feature.tier, by_group.tier, known.tier) as tier
    from known
    left join tiers as by_feature
        on known.system = by_feature.system and known.feature_id = by_feature.feature_id
    left join tiers as by_group
        on known.system = by_group.system and known.feature_group = by_group.feature_group and by_group.feature_id is null
    left join families on known.product_key = families.product_key
)

select * from final
