-- grain: one account, user, product, feature and day with use
{{ config(enabled='templates' in var('systems')) }}

with events as (
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

qualified as (
    select used.*
    from used
    left join own_domains on substr(lower(used.user_id), instr(used.user_id, '@') + 1) = own_domains.domain
    left join no_use as no_product on no_product.subject_type = 'product' and used.product_id = no_product.subject_id
    left join no_use as no_feature on no_feature.subject_type = 'feature' and used.feature_id = no_feature.subject_id
    where own_domains.domain is null and no_product.subject_id is null and no_feature.subject_id is null
),

summed as (
    select
        account_id,
        user_id,
        product_id,
        feature_id,
        usage_date,
        -- One unknown number makes the sum unknown; that there was use is known.
        case when count(event_count) = count(*) then cast(sum(event_count) as bigint) end as event_count,
        min(recorded_date) as recorded_date
    from qualified
    group by account_id, user_id, product_id, feature_id, usage_date
),

final as (
    select
        'templates:' || account_id as account_key,
        'templates' as system,
        usage_date,
        {{ hashed_key('user_id') }} as user_key,
        'templates:' || product_id as product_key,
        'templates:' || feature_id as feature_key,
        event_count,
        recorded_date
    from summed
    -- No events are no use.
    where event_count is null or event_count > 0
)

select * from final
