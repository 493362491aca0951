-- grain: one interaction with a customer, told once
with recursive engagements as (
    select
        int_engagements.*,
        identity.customer_id,
        {{ unix_seconds('int_engagements.started_at') }} as started_second
    from {{ ref('int_engagements') }} as int_engagements
    inner join {{ ref('int_customer_identity') }} as identity on int_engagements.account_key = identity.account_key
    where int_engagements.is_completed
),

ordered as (
    select
        engagement_key,
        system,
        customer_id,
        engagement_type,
        started_second,
        sentiment,
        row_number() over (partition by customer_id, engagement_type order by started_second asc, engagement_key asc) as row_in_type,
        lag(started_second) over (
            partition by customer_id, engagement_type order by started_second asc, engagement_key asc
        ) as earlier_second
    from engagements
    where started_second is not null
),

-- Only what begins less than an hour after the one before can be a duplicate of anything.
chained as (
    select
        *,
        sum(case when started_second - earlier_second < 3600 then 0 else 1 end) over (
            partition by customer_id, engagement_type
            order by row_in_type asc
            rows unbounded preceding
        ) as chain_number
    from ordered
),

chains as (
    select customer_id, engagement_type, chain_number, min(row_in_type) as first_row
    from chained
    group by customer_id, engagement_type, chain_number
    -- One system repeats itself for a reason.
    having count(distinct system) > 1
),

links as (
    select chained.*, chained.row_in_type - chains.first_row as position
    from chained
    inner join chains
        on
            chained.customer_id = chains.customer_id
            and chained.engagement_type = chains.engagement_type
            and chained.chain_number = chains.chain_number
    -- More than fifty within the hour, again and again, are no meetings: they count as they are.
    where chained.row_in_type - chains.first_row < 50
),

-- Along the chain: a record of another system within an hour of the last one kept tells of the same interaction.
walk as (
    select
        customer_id,
        engagement_type,
        chain_number,
        position,
        engagement_key,
        sentiment,
        engagement_key as kept_key,
        system as kept_system,
        started_second as kept_second
    from links
    where position = 0

    union all

    select
        links.customer_id,
        links.engagement_type,
        links.chain_number,
        links.position,
        links.engagement_key,
        links.sentiment,
        case
            when links.system <> walk.kept_system and links.started_second - walk.kept_second < 3600 then walk.kept_key
            else links.engagement_key
        end as kept_key,
        case
            when links.system <> walk.kept_system and links.started_second - walk.kept_second < 3600 then walk.kept_system
            else links.system
        end as kept_system,
        case
            when links.system <> walk.kept_system and links.started_second - walk.kept_second < 3600 then walk.kept_second
            else links.started_second
        end as kept_second
    from walk
    inner join links
        on
            walk.customer_id = links.customer_id
            and walk.engagement_type = links.engagement_type
            and walk.chain_number = links.chain_number
            and walk.position + 1 = links.position
),

duplicates as (
    select
        kept_key,
        count(*) as duplicate_count,
        -- If they differ the worst tone counts, which is also the first by name.
        min(sentiment) as sentiment
    from walk
    where engagement_key <> kept_key
    group by kept_key
),

final as (
    select
        engagements.engagement_key,
        engagements.customer_id,
        engagements.engagement_type,
        engagements.mode,
        engagements.channel,
        engagements.direction,
        engagements.is_two_way,
        engagements.is_value_touch,
        engagements.is_intervention,
        engagements.is_onboarding,
        engagements.is_value_milestone,
        engagements.engagement_date,
        coalesce(engagements.sentiment, duplicates.sentiment) as sentiment,
        coalesce(duplicates.duplicate_count, 0) as duplicate_count
    from engagements
    left join duplicates on engagements.engagement_key = duplicates.kept_key
    left join walk as dropped
        on engagements.engagement_key = dropped.engagement_key and dropped.engagement_key <> dropped.kept_key
    where dropped.engagement_key is null
)

select * from final
