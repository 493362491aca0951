-- grain: one company
with exported as (
    select * from {{ ref('base_gainsight__company') }}
),

final as (
    select
        gsid as company_id,
        name as company_name,
        sfdc_account_id as crm_account_id,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'
)

select * from final
