-- grain: one invoice line of the templates
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with lines as (

    select * from {{ ref('stg_templates__invoice_lines') }}

),

products as (

    select * from {{ ref('int_products__templates') }}

),

described as (

    select
        lines.*,
        products.offer_type,
        case
            when lines.licence_model in ('subscription', 'perpetual') then lines.licence_model
            -- the product's model is that of the licence; a service on a perpetual licence is no sale of one
            when products.offer_type = 'product' then products.licence_model
        end as known_licence_model
    from lines
    left join products
        on lines.product_id = products.product_id

),

final as (

    select
        'templates:' || invoice_line_id as invoice_line_id,
        'templates' as system,
        'templates:' || account_id as account_key,
        'templates:' || coalesce(invoice_id, invoice_line_id) as invoice_id,
        invoice_date,
        'templates:' || contract_id as contract_key,
        'templates:' || product_id as product_key,
        case
            when charge_type in ('recurring', 'one_time', 'usage') then charge_type
            when known_licence_model = 'perpetual' then 'one_time'
            when offer_type in ('education', 'professional_services', 'other') then 'one_time'
            else 'recurring'
        end as charge_type,
        known_licence_model as licence_model,
        amount,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        quantity,
        service_start_date,
        service_end_date,
        coalesce(is_proration, false) as is_proration,
        recorded_date
    from described

)

select * from final
