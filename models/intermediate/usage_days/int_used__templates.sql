-- grain: one thing told of one account, user, product, feature and day, several of each; what is no use left out
{#- Ephemeral: two models have to mean the same rows, and users' ids are stored in staging alone. #}
{{ config(enabled='templates' in var('systems'), materialized='ephemeral') }}

with events as {{ streamed() }}(
    select * from {{ ref('stg_templates__product_events') }}
),

told_days as (
    select * from {{ ref('stg_templates__product_usage') }}
),

own_domains as (
    select distinct lower(domain) as domain from {{ ref('own_email_domains') }}
),

no_use as (
    select * from {{ ref('usage_event_rules') }} where system = 'templates' and not is_use
),

own_users as (
    select distinct events.user_id
    from events
    inner join own_domains on substr(lower(events.user_id), instr(events.user_id, '@') + 1) = own_domains.domain
),

used as (
    select account_id, user_id, product_id, feature_id, usage_date, event_count, usage_date as recorded_date
    from events

    union all

    select
        account_id,
        cast(null as {{ dbt.type_string() }}) as user_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as {{ dbt.type_string() }}) as feature_id,
        usage_date,
        event_count,
        recorded_date
    from told_days
),

final as (
    select used.*
    from used
    left join own_users on used.user_id = own_users.user_id
    left join no_use as no_product on no_product.subject_type = 'product' and used.product_id = no_product.subject_id
    left join no_use as no_feature on no_feature.subject_type = 'feature' and used.feature_id = no_feature.subject_id
    where own_users.user_id is null and no_product.subject_id is null and no_feature.subject_id is null
)

select * from final
