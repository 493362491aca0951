-- grain: one interaction with a customer, of whatever kind
with engagements as (
    select * from {{ ref('int_distinct_engagements') }} where mode <> 'none'
),

cases as (
    select * from {{ ref('int_cases') }} where is_in_scope
),

sessions as (
    select * from {{ ref('int_self_service_sessions') }}
),

channels as (
    select * from {{ ref('case_channels') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

final as (
    select
        engagement_key as interaction_key,
        customer_id,
        engagement_date as interaction_date,
        engagement_type as interaction_type,
        mode,
        coalesce(channel, 'unknown') as channel,
        -- Some kinds have but one direction: who visits the portal came to us, a mass mail went out.
        case
            when direction is not null then direction
            when mode = 'self_help' then 'inbound'
            when mode = 'digital' and not is_two_way then 'outbound'
        end as direction,
        coalesce(is_two_way, false) as is_two_way,
        sentiment
    from engagements

    union all

    -- A case begins with the customer and goes both ways once an agent has answered.
    select
        cases.case_key as interaction_key,
        identity.customer_id,
        {{ reporting_date('cases.created_at') }} as interaction_date,
        'case' as interaction_type,
        case when coalesce(cases.is_automated, false) then 'digital' else 'high_touch' end as mode,
        coalesce(channels.channel, 'unknown') as channel,
        'inbound' as direction,
        cases.first_reply_at is not null or coalesce(cases.reply_count > 0, false) as is_two_way,
        case
            when cases.is_satisfied then 'positive'
            when not cases.is_satisfied then 'negative'
            else cases.sentiment
        end as sentiment
    from cases
    inner join identity on cases.account_key = identity.account_key
    left join channels on cases.channel = channels.channel_words

    union all

    select
        sessions.session_key as interaction_key,
        identity.customer_id,
        {{ reporting_date('sessions.started_at') }} as interaction_date,
        'self_service' as interaction_type,
        'self_help' as mode,
        'portal' as channel,
        'inbound' as direction,
        false as is_two_way,
        cast(null as {{ dbt.type_string() }}) as sentiment
    from sessions
    inner join identity on sessions.account_key = identity.account_key
)

select * from final
