-- grain: one account
with exported as (

    select * from {{ ref('base_templates__customers') }}

),

final as (

    select
        account_id,
        account_name,
        parent_account_id,
        merged_into_account_id,
        crm_account_id,
        segment,
        region,
        channel,
        industry,
        country,
        is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
