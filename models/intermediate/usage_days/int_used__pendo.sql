-- grain: one thing told of one account, visitor, application, feature and day, several of each; what is no use left out
{#- Ephemeral: two models have to mean the same rows, and visitors' ids are stored in staging alone. #}
{{ config(enabled='pendo' in var('systems'), materialized='ephemeral') }}

with events as {{ streamed() }}(
    select * from {{ ref('stg_pendo__event') }}
),

feature_events as {{ streamed() }}(
    select * from {{ ref('stg_pendo__feature_event') }}
),

visitors as (
    select * from {{ ref('stg_pendo__visitor_history') }}
),

own_domains as (
    select distinct lower(domain) as domain from {{ ref('own_email_domains') }}
),

no_use as (
    select * from {{ ref('usage_event_rules') }} where system = 'pendo' and not is_use
),

visitor_ids as {{ streamed() }}(
    select visitor_id from events
    union all
    select visitor_id from feature_events
),

own_visitors as (
    select visitors.visitor_id
    from visitors
    inner join own_domains on substr(visitors.email, instr(visitors.email, '@') + 1) = own_domains.domain

    union

    select visitor_ids.visitor_id
    from visitor_ids
    inner join own_domains on substr(lower(visitor_ids.visitor_id), instr(visitor_ids.visitor_id, '@') + 1) = own_domains.domain
),

-- Feature events are among the events of their hour: what is left of these is use of no feature in particular.
used as (
    select account_id, visitor_id, app_id, cast(null as {{ dbt.type_string() }}) as feature_id, usage_date, event_count
    from events

    union all

    select account_id, visitor_id, app_id, feature_id, usage_date, event_count
    from feature_events

    union all

    select account_id, visitor_id, app_id, cast(null as {{ dbt.type_string() }}) as feature_id, usage_date, -event_count as event_count
    from feature_events
),

final as (
    select
        used.account_id,
        -- Visitors that nobody knows have ids of Pendo's making: one person may have many.
        case when substr(used.visitor_id, 1, 9) <> '_PENDO_T_' then used.visitor_id end as visitor_id,
        used.app_id,
        used.feature_id,
        used.usage_date,
        used.event_count
    from used
    left join own_visitors on used.visitor_id = own_visitors.visitor_id
    left join no_use as no_product on no_product.subject_type = 'product' and used.app_id = no_product.subject_id
    left join no_use as no_feature on no_feature.subject_type = 'feature' and used.feature_id = no_feature.subject_id
    where
        used.account_id is not null
        and own_visitors.visitor_id is null
        and no_product.subject_id is null
        and no_feature.subject_id is null
)

select * from final
