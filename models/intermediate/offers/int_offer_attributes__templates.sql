-- grain: one attribute of a service offer, of the offer_attributes template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__offer_attributes') }}
),

final as (
    select
        'templates:' || attribute_id as attribute_key,
        'templates' as system,
        offer_id,
        attribute,
        attribute_value,
        valid_from_date,
        valid_until_date,
        recorded_date
    from exported
)

select * from final
