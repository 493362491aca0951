-- grain: one Stripe customer
with customers as (

    select * from {{ ref('base_stripe__customer') }}

),

final as (

    select
        id as customer_id,
        name as customer_name,
        {{ json_text('metadata', 'company_name') }} as company_name,
        address_country as country,
        {{ json_text('metadata', 'sfdc_account_id') }} as sfdc_account_id,
        {{ json_text('metadata', 'salesforce_account_id') }} as salesforce_account_id,
        {{ json_text('metadata', 'segment') }} as segment,
        {{ json_text('metadata', 'region') }} as region,
        {{ json_text('metadata', 'channel') }} as channel,
        {{ json_text('metadata', 'industry') }} as industry,
        coalesce(is_deleted, false) as is_deleted,
        coalesce(livemode, true) as is_live,
        _created_date as recorded_date
    from customers
    where _row_status = 'accepted'

)

select * from final
