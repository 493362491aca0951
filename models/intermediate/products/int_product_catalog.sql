-- grain: one product of one system, with products that only lines of contracts, invoices or opportunities mention
with recursive products as (
    select * from {{ ref('int_products') }}
),

overrides as (
    select * from {{ ref('product_overrides') }}
),

migrations as (
    select * from {{ ref('product_migrations') }}
),

-- Families linked as a migration are one, also through several steps; in a circle the smallest name stands for all.
migration_steps as (
    select product_family, migrated_to_family, 1 as step
    from migrations

    union all

    select migration_steps.product_family, migrations.migrated_to_family, migration_steps.step + 1 as step
    from migration_steps
    inner join migrations on migration_steps.migrated_to_family = migrations.product_family
    where migration_steps.step < 10 and migration_steps.migrated_to_family <> migration_steps.product_family
),

circles as (
    select product_family, min(migrated_to_family) as smallest_family
    from migration_steps
    group by product_family
    having max(case when migrated_to_family = product_family then 1 else 0 end) = 1
),

last_steps as (
    select product_family, max(step) as step
    from migration_steps
    group by product_family
),

migrated as (
    select
        migration_steps.product_family,
        coalesce(circles.smallest_family, reached.smallest_family, migration_steps.migrated_to_family) as migrated_to_family
    from migration_steps
    inner join last_steps
        on migration_steps.product_family = last_steps.product_family and migration_steps.step = last_steps.step
    left join circles on migration_steps.product_family = circles.product_family
    left join circles as reached on migration_steps.migrated_to_family = reached.product_family
),

mentioned as (
    select distinct product_key, system from {{ ref('int_contract_lines') }} where product_key is not null
    union
    select distinct product_key, system from {{ ref('int_invoice_lines') }} where product_key is not null
    union
    select distinct product_key, system from {{ ref('int_opportunity_lines') }} where product_key is not null
),

known as (
    select product_key, system, product_id, product_name, product_family, offer_type, licence_model, tier_rank, unit_of_measure
    from products

    union all

    select
        mentioned.product_key,
        mentioned.system,
        substr(mentioned.product_key, length(mentioned.system) + 2) as product_id,
        cast(null as {{ dbt.type_string() }}) as product_name,
        cast(null as {{ dbt.type_string() }}) as product_family,
        cast(null as {{ dbt.type_string() }}) as offer_type,
        cast(null as {{ dbt.type_string() }}) as licence_model,
        cast(null as integer) as tier_rank,
        cast(null as {{ dbt.type_string() }}) as unit_of_measure
    from mentioned
    left join products on mentioned.product_key = products.product_key
    where products.product_key is null
),

overridden as (
    select
        known.product_key,
        known.system,
        known.product_id,
        coalesce(known.product_name, known.product_id) as product_name,
        coalesce(overrides.product_family, known.product_family, known.product_name, known.product_id, 'unknown') as product_family,
        coalesce(overrides.offer_type, known.offer_type, 'product') as offer_type,
        coalesce(overrides.licence_model, known.licence_model) as licence_model,
        coalesce(cast(overrides.tier_rank as integer), known.tier_rank) as tier_rank,
        known.unit_of_measure
    from known
    left join overrides on known.system = overrides.system and known.product_id = overrides.product_id
),

final as (
    select
        overridden.product_key,
        overridden.system,
        overridden.product_id,
        overridden.product_name,
        -- Moving customers over is no churn.
        coalesce(migrated.migrated_to_family, overridden.product_family) as product_family,
        overridden.offer_type,
        overridden.licence_model,
        overridden.tier_rank,
        overridden.unit_of_measure
    from overridden
    left join migrated on overridden.product_family = migrated.product_family
)

select * from final
