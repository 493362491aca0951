-- grain: one Jira change of a field of an issue that has one value
with changes as (
    select * from {{ ref('base_jira__issue_field_history') }} where _row_status = 'accepted'
),

final as (
    select
        issue_id,
        lower(field_id) as field_id,
        {{ adapter.quote('time') }} as changed_at,
        value as field_value,
        _created_date as recorded_date
    from changes
)

select * from final
