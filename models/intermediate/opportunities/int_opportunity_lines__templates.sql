-- grain: one line of an opportunity of the templates
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with opportunity_lines as (
    select * from {{ ref('stg_templates__opportunity_lines') }}
),

opportunities as (
    select * from {{ ref('stg_templates__opportunities') }}
),

termed as (
    select
        *,
        case when term_months > 0 then term_months else 12 end as months
    from opportunity_lines
),

final as (
    select
        'templates:' || termed.opportunity_line_id as opportunity_line_key,
        'templates' as system,
        'templates:' || termed.opportunity_id as opportunity_key,
        'templates:' || termed.product_id as product_key,
        termed.offer_id,
        termed.quantity,
        termed.list_amount,
        termed.net_amount,
        {{ round_amount('termed.net_amount * 12 / termed.months') }} as annual_amount,
        {{ round_amount('termed.list_amount * 12 / termed.months') }} as annual_list_amount,
        coalesce(termed.currency, opportunities.currency, '{{ var("reporting_currency") }}') as currency,
        coalesce(termed.is_bundled, termed.net_amount = 0) as is_bundled,
        coalesce(termed.is_compulsory, false) as is_compulsory,
        coalesce(termed.has_product_discount, false) as has_product_discount,
        termed.recorded_date
    from termed
    left join opportunities on termed.opportunity_id = opportunities.opportunity_id
)

select * from final
