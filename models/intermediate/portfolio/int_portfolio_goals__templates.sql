-- grain: one goal of the portfolio_goals template for a month
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with goals as (
    select * from {{ ref('stg_templates__portfolio_goals') }}
),

final as (
    select
        manager_id,
        'templates' as system,
        goal,
        cast({{ dbt.date_trunc('month', 'period_month') }} as date) as month_start,
        target_amount,
        currency,
        recorded_date
    from goals
    where goal in ('sale', 'renewal')
)

select * from final
