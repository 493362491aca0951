-- grain: one row of the quote_lines template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__quote_lines') }}
),

final as (
    select
        'templates:' || quote_line_id as quote_line_key,
        'templates' as system,
        'templates:' || quote_id as quote_key,
        'templates:' || product_id as product_key,
        offer_id,
        quantity,
        list_amount,
        net_amount,
        is_custom,
        is_bundle,
        recorded_date
    from exported
)

select * from final
