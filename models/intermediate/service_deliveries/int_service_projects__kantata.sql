-- grain: one project of Kantata
{{ config(enabled='kantata' in var('systems'), materialized='view') }}

with details as (
    select * from {{ ref('stg_kantata__project_details') }}
),

budgets as (
    select * from {{ ref('stg_kantata__project_budget') }}
),

-- Kantata makes revenue of fees and rates itself.
final as (
    select
        'kantata:' || details.project_id as project_key,
        'kantata' as system,
        'kantata:' || details.account_id as account_key,
        details.opportunity_id,
        cast(null as {{ dbt.type_string() }}) as offer_id,
        budgets.billing_mode,
        cast(null as decimal(18, 6)) as fixed_fee_amount,
        cast(null as decimal(18, 6)) as budget_hours,
        cast(null as {{ dbt.type_string() }}) as currency,
        coalesce(details.is_investment, false) as is_investment,
        cast(null as {{ dbt.type_string() }}) as region,
        budgets.start_date,
        budgets.due_date,
        budgets.completed_date,
        cast(null as date) as recorded_date
    from details
    left join budgets on details.project_id = budgets.project_id
)

select * from final
