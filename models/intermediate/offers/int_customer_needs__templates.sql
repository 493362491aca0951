-- grain: one need for a service that one account has stated, of the customer_needs template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__customer_needs') }}
),

final as (
    select
        'templates:' || need_id as need_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        need,
        stated_date,
        recorded_date
    from exported
)

select * from final
