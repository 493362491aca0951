-- grain: one Zuora account
with accounts as (
    select * from {{ ref('base_zuora__account') }} where _row_status = 'accepted'
),

final as (
    select
        id as account_id,
        account_number,
        name as account_name,
        crm_id as crm_account_id,
        coalesce(parent_account_id, parent_id) as parent_account_id,
        upper(currency) as currency,
        lower(status) as account_status,
        segment_c as segment,
        region_c as region,
        channel_c as channel,
        created_date as created_at,
        updated_date as updated_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from accounts
)

select * from final
