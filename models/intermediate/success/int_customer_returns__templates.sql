-- grain: one benefit or investment of the templates
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with benefits as (

    select * from {{ ref('stg_templates__customer_benefits') }}

),

investments as (

    select * from {{ ref('stg_templates__customer_investments') }}

),

final as (

    select
        'templates:benefit:' || benefit_id as return_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        'benefit' as return_kind,
        coalesce(verified_by = 'customer', false) as is_customer_verified,
        benefit_date as return_date,
        amount,
        currency,
        recorded_date
    from benefits

    union all

    select
        'templates:investment:' || investment_id as return_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        'investment' as return_kind,
        cast(null as boolean) as is_customer_verified,
        investment_date as return_date,
        amount,
        currency,
        recorded_date
    from investments

)

select * from final
