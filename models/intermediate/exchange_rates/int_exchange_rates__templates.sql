-- grain: one exchange rate of one day
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with rates as (

    select * from {{ ref('stg_templates__exchange_rates') }}

),

final as (

    select
        rate_date,
        from_currency,
        to_currency,
        rate,
        rate_type,
        'templates' as system
    from rates

)

select * from final
