-- grain: one account, user, application, feature and day with use
{{ config(enabled='pendo' in var('systems')) }}

with used as (
    select * from {{ ref('int_used__pendo') }}
),

events as (
    select * from {{ ref('stg_pendo__event') }}
),

feature_events as (
    select * from {{ ref('stg_pendo__feature_event') }}
),

open_days as (
    {{ open_days(ref('int_use_states__pendo')) }}
),

visitor_ids as (
    select visitor_id, usage_date from events
    union all
    select visitor_id, usage_date from feature_events
),

-- Hashed once each. The condition is always true: it tells the engine that these are fewer than the rows they are joined to.
visitors as (
    select visitor_ids.visitor_id, {{ hashed_key('visitor_ids.visitor_id') }} as user_key
    from visitor_ids
    inner join open_days on visitor_ids.usage_date = open_days.usage_date
    where visitor_ids.visitor_id is not null
    group by visitor_ids.visitor_id
    having count(*) > 0
),

summed as (
    select
        used.account_id,
        used.visitor_id,
        used.app_id,
        used.feature_id,
        used.usage_date,
        cast(sum(used.event_count) as bigint) as event_count,
        min(open_days._load) as _load
    from used
    inner join open_days on used.usage_date = open_days.usage_date
    group by used.account_id, used.visitor_id, used.app_id, used.feature_id, used.usage_date
),

final as (
    select
        'pendo:' || summed.account_id as account_key,
        'pendo' as system,
        summed.usage_date,
        visitors.user_key,
        'pendo:' || summed.app_id as product_key,
        'pendo:' || summed.feature_id as feature_key,
        summed.event_count,
        summed.usage_date as recorded_date,
        summed._load
    from summed
    left join visitors on summed.visitor_id = visitors.visitor_id
    where summed.event_count > 0
)

select * from final
