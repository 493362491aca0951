-- grain: one discount of the templates
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with discounts as (

    select * from {{ ref('stg_templates__contract_discounts') }}

),

final as (

    select
        'templates:' || discount_id as discount_id,
        'templates' as system,
        'templates:' || account_id as account_key,
        'templates:' || contract_id as contract_key,
        'templates:' || contract_line_id as contract_line_id,
        percent_off,
        case when percent_off is null then amount_off end as amount_off,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        coalesce(invoice_months, 1) as invoice_months,
        case
            when duration in ('once', 'repeating', 'forever') then duration
            when end_date is not null then 'repeating'
            else 'forever'
        end as duration,
        start_date,
        end_date,
        coalesce(sequence_number, 1) as sequence_number,
        recorded_date
    from discounts

)

select * from final
