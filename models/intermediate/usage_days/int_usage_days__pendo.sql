-- grain: one account, user, application, feature and day with use
{{ config(enabled='pendo' in var('systems')) }}

with used as (
    select * from {{ ref('int_used__pendo') }}
),

open_days as (
    {{ open_days(ref('int_use_states__pendo')) }}
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
        'pendo:' || account_id as account_key,
        'pendo' as system,
        usage_date,
        {{ hashed_key('visitor_id') }} as user_key,
        'pendo:' || app_id as product_key,
        'pendo:' || feature_id as feature_key,
        event_count,
        usage_date as recorded_date,
        _load
    from summed
    where event_count > 0
)

select * from final
