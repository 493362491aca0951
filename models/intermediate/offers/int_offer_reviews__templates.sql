-- grain: one review of a service offer, of the offer_reviews template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__offer_reviews') }}
),

final as (
    select
        'templates:' || review_id as review_key,
        'templates' as system,
        offer_id,
        review_date,
        review_kind,
        region,
        recorded_date
    from exported
)

select * from final
