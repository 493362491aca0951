-- grain: one row of the sales_policies template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__sales_policies') }}
),

final as (
    select
        'templates:' || policy_id as policy_key,
        'templates' as system,
        region,
        service_line,
        offer_id,
        max_discount_rate,
        valid_from_date,
        valid_until_date,
        recorded_date
    from exported
)

select * from final
