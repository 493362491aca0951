-- grain: one line item of a Salesforce opportunity, neither of them deleted
{{ config(enabled='salesforce' in var('systems'), materialized='view') }}

with line_items as (
    select * from {{ ref('stg_salesforce__opportunity_line_item') }} where not is_deleted
),

opportunities as (
    select * from {{ ref('stg_salesforce__opportunity') }} where not is_deleted
),

contract_lines as (
    select * from {{ ref('int_contract_lines__salesforce') }}
),

products as (
    select * from {{ ref('int_products__salesforce') }}
),

discounted_deals as (
    select distinct line_items.opportunity_id
    from line_items
    inner join products on products.product_key = 'salesforce:' || line_items.product_id
    where products.offer_type = 'product' and line_items.discount_share > 0
),

termed as (
    select
        line_items.*,
        opportunities.currency,
        discounted_deals.opportunity_id is not null as has_product_discount,
        case
            when line_items.term_months > 0 then cast(line_items.term_months as double)
            when contract_lines.end_date > contract_lines.start_date and coalesce(contract_lines.exclusion_reason, 'none') <> 'one_time'
                then cast({{ term_months('contract_lines.start_date', 'contract_lines.end_date') }} as double)
            else 12
        end as months
    from line_items
    inner join opportunities on line_items.opportunity_id = opportunities.opportunity_id
    left join contract_lines on contract_lines.contract_line_id = 'salesforce:' || line_items.opportunity_line_item_id
    left join discounted_deals on line_items.opportunity_id = discounted_deals.opportunity_id
),

final as (
    select
        'salesforce:' || opportunity_line_item_id as opportunity_line_key,
        'salesforce' as system,
        'salesforce:' || opportunity_id as opportunity_key,
        'salesforce:' || product_id as product_key,
        cast(null as {{ dbt.type_string() }}) as offer_id,
        quantity,
        list_amount,
        total_amount as net_amount,
        {{ round_amount('total_amount * 12 / months') }} as annual_amount,
        {{ round_amount('list_amount * 12 / months') }} as annual_list_amount,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        coalesce(is_bundled, total_amount = 0, false) as is_bundled,
        coalesce(is_compulsory, false) as is_compulsory,
        has_product_discount,
        recorded_date
    from termed
)

select * from final
