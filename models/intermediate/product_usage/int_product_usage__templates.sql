-- grain: one account and day with product use
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with usage_days as (

    select * from {{ ref('stg_templates__product_usage') }}

),

final as (

    select
        'templates:' || account_id as account_key,
        'templates' as system,
        usage_date,
        event_count,
        recorded_date
    from usage_days
    -- a day with 0 events is a day without use; an empty count is a day with use of unknown extent
    where event_count is null or event_count > 0

)

select * from final
