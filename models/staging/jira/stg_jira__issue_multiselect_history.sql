-- grain: one Jira value of a field of an issue that has several
with changes as (
    select * from {{ ref('base_jira__issue_multiselect_history') }} where _row_status = 'accepted'
),

final as (
    select
        _fivetran_id as row_id,
        issue_id,
        lower(field_id) as field_id,
        {{ adapter.quote('time') }} as changed_at,
        value as field_value,
        coalesce(is_active, true) as is_active,
        _created_date as recorded_date
    from changes
)

select * from final
