-- grain: one account, user, product, feature and day with use
{{ config(enabled='templates' in var('systems')) }}

with used as (
    select * from {{ ref('int_used__templates') }}
),

events as (
    select * from {{ ref('stg_templates__product_events') }}
),

open_days as (
    {{ open_days(ref('int_use_states__templates')) }}
),

-- Hashed once each. The condition is always true: it tells the engine that these are fewer than the rows they are joined to.
users as (
    select events.user_id, {{ hashed_key('events.user_id') }} as user_key
    from events
    inner join open_days on events.usage_date = open_days.usage_date
    where events.user_id is not null
    group by events.user_id
    having count(*) > 0
),

summed as (
    select
        used.account_id,
        used.user_id,
        used.product_id,
        used.feature_id,
        used.usage_date,
        -- One unknown number makes the sum unknown; that there was use is known.
        case when count(used.event_count) = count(*) then cast(sum(used.event_count) as bigint) end as event_count,
        min(used.recorded_date) as recorded_date,
        min(open_days._load) as _load
    from used
    inner join open_days on used.usage_date = open_days.usage_date
    group by used.account_id, used.user_id, used.product_id, used.feature_id, used.usage_date
),

final as (
    select
        'templates:' || summed.account_id as account_key,
        'templates' as system,
        summed.usage_date,
        users.user_key,
        'templates:' || summed.product_id as product_key,
        'templates:' || summed.feature_id as feature_key,
        summed.event_count,
        summed.recorded_date,
        summed._load
    from summed
    left join users on summed.user_id = users.user_id
    -- No events are no use.
    where summed.event_count is null or summed.event_count > 0
)

select * from final
