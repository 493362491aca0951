-- grain: one contact of a distribution
with exported as (
    select * from {{ ref('base_qualtrics__distribution_contact') }}
),

final as (
    select
        distribution_id,
        contact_id,
        lower(status) in ('failure', 'bounced', 'softbounce', 'hardbounce', 'blocked', 'skipped', 'duplicatemessage') as is_failed,
        sent_at,
        response_completed_at as completed_at,
        response_id,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'
)

select * from final
