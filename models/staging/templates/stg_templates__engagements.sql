-- grain: one interaction with a customer
with exported as (

    select * from {{ ref('base_templates__engagements') }}

),

final as (

    select
        engagement_id,
        account_id,
        engagement_type as type_raw,
        started_at,
        lower(direction) as direction,
        lower(channel) as channel,
        has_reply,
        coalesce(is_completed, true) as is_completed,
        sentiment as sentiment_raw,
        relationship_state as pulse_raw,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
