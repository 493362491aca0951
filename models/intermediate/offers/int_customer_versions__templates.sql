-- grain: one release of a product that one account runs, of the customer_versions template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__customer_versions') }}
),

final as (
    select
        'templates:' || version_id as version_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        product,
        release_name,
        used_from_date,
        used_until_date,
        current_until_date,
        recorded_date
    from exported
)

select * from final
