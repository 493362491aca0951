-- grain: one project of the service_projects template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with projects as (
    select * from {{ ref('stg_templates__service_projects') }}
),

final as (
    select
        'templates:' || project_id as project_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        opportunity_id,
        offer_id,
        billing_mode,
        fixed_fee_amount,
        budget_hours,
        currency,
        is_investment,
        region,
        start_date,
        due_date,
        completed_date,
        recorded_date
    from projects
)

select * from final
