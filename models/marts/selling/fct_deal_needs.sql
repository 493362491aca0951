-- grain: one need for services for which Sales found the service that meets it
-- noqa: disable=LT05
with needs as (
    select * from {{ ref('int_deal_needs') }}
),

opportunities as (
    select * from {{ ref('int_opportunities') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

months as (
    select * from {{ ref('int_months') }}
),

final as (
    select
        needs.need_key,
        needs.opportunity_key,
        coalesce(identity.customer_id, 'unknown') as customer_id,
        coalesce(customers.segment, 'unknown') as segment,
        coalesce(opportunities.region, customers.region, 'unknown') as region,
        coalesce(opportunities.channel, customers.channel, 'unknown') as channel,
        needs.identified_date,
        needs.matched_date,
        months.month_end,
        months.month_number,
        case
            when needs.matched_date >= needs.identified_date
                then cast({{ dbt.datediff('needs.identified_date', 'needs.matched_date', 'day') }} as decimal(18, 6))
        end as discovery_days,
        months.is_provisional
    from needs
    inner join months on needs.matched_date >= months.month_start and needs.matched_date <= months.snapshot_date
    left join opportunities on needs.opportunity_key = opportunities.opportunity_key
    left join identity on opportunities.account_key = identity.account_key
    left join customers on identity.customer_id = customers.customer_id
)

select * from final
