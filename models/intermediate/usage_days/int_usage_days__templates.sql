-- grain: one account, user, product, feature and day with use
{{ config(enabled='templates' in var('systems')) }}

with used as (
    select * from {{ ref('int_used__templates') }}
),

open_days as (
    {{ open_days(ref('int_use_states__templates')) }}
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
        'templates:' || account_id as account_key,
        'templates' as system,
        usage_date,
        {{ hashed_key('user_id') }} as user_key,
        'templates:' || product_id as product_key,
        'templates:' || feature_id as feature_key,
        event_count,
        recorded_date,
        _load
    from summed
    -- No events are no use.
    where event_count is null or event_count > 0
)

select * from final
