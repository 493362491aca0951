-- grain: one Zendesk organization, which is an account
with organizations as (
    select * from {{ ref('base_zendesk__organization') }} where _row_status = 'accepted'
),

final as (
    select
        id as organization_id,
        name as organization_name,
        external_id,
        coalesce(custom_salesforce_id, {{ json_text('organization_fields', 'salesforce_id') }}) as salesforce_account_id,
        created_at,
        updated_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from organizations
)

select * from final
