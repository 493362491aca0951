-- grain: one Zendesk change of one field of a ticket
with changes as (
    select * from {{ ref('base_zendesk__ticket_field_history') }} where _row_status = 'accepted'
),

final as (
    select
        ticket_id,
        lower(field_name) as field_name,
        updated as changed_at,
        user_id,
        value as field_value,
        _created_date as recorded_date
    from changes
)

select * from final
