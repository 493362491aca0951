-- grain: one delivery of the service_deliveries template
{{ config(enabled='templates' in var('systems')) }}

with deliveries as (
    select * from {{ ref('stg_templates__service_deliveries') }}
),

projects as (
    select * from {{ ref('stg_templates__service_projects') }}
),

-- Hours of a project before a delivery: a fixed fee is earned by its budget, and no hour beyond it earns any more.
worked as (
    select
        deliveries.*,
        projects.billing_mode,
        projects.fixed_fee_amount,
        projects.budget_hours,
        projects.offer_id as project_offer_id,
        projects.currency as project_currency,
        coalesce(projects.is_investment, false) as is_investment,
        coalesce(sum(coalesce(deliveries.hours, 0)) over (
            partition by deliveries.project_id
            order by deliveries.delivered_date asc, deliveries.delivery_id asc
            rows between unbounded preceding and 1 preceding
        ), 0) as hours_before
    from deliveries
    left join projects on deliveries.project_id = projects.project_id
),

earned as (
    select
        *,
        least(hours_before / nullif(cast(budget_hours as double), 0), 1) as share_before,
        least((hours_before + hours) / nullif(cast(budget_hours as double), 0), 1) as share_after
    from worked
),

final as (
    select
        'templates:' || delivery_id as delivery_key,
        'templates' as system,
        'templates:' || project_id as project_key,
        'templates:' || account_id as account_key,
        service_line,
        'templates:' || product_id as product_key,
        coalesce(offer_id, project_offer_id) as offer_id,
        delivered_date,
        hours,
        case
            when is_investment then cast(0 as decimal(18, 6))
            when amount is not null then amount
            -- The parts of a fee add up to it, to the last digit.
            when billing_mode = 'fixed_fee'
                then cast(
                    round(cast(fixed_fee_amount as double) * share_after, 6) as decimal(18, 6)
                ) - cast(round(cast(fixed_fee_amount as double) * share_before, 6) as decimal(18, 6))
            else {{ round_amount('cast(hours as decimal(28, 6)) * cast(hourly_rate as decimal(18, 6))') }}
        end as amount,
        coalesce(currency, project_currency) as currency,
        is_investment,
        recorded_date
    from earned
)

select * from final
