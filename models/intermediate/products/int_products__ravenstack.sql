-- grain: one RavenStack plan
{{ config(enabled='ravenstack' in var('systems'), materialized='view') }}

with subscriptions as (
    select * from {{ ref('stg_ravenstack__subscriptions') }}
),

plans as (
    select distinct plan_tier
    from subscriptions
    where plan_tier is not null
),

final as (
    select
        'ravenstack:' || plan_tier as product_key,
        'ravenstack' as system,
        plan_tier as product_id,
        plan_tier as product_name,
        -- One product in three sizes: in one family a move between plans is a change of tier, not a product lost and another bought.
        'RavenStack' as product_family,
        'product' as offer_type,
        'subscription' as licence_model,
        case lower(plan_tier)
            when 'basic' then 1
            when 'pro' then 2
            when 'enterprise' then 3
        end as tier_rank,
        'seat' as unit_of_measure,
        cast(null as date) as recorded_date
    from plans
)

select * from final
