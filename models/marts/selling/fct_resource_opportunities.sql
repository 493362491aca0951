-- grain: one message or supporting resource and closed opportunity for services that it was used in
with opportunities as (
    select * from {{ ref('fct_selling_opportunities') }} where is_service and is_closed
),

uses as (
    select * from {{ ref('int_resource_uses') }} where resource_kind in ('message', 'content', 'tool')
),

used as (
    select
        uses.opportunity_key,
        case when uses.resource_kind = 'message' then 'message' else 'resource' end as resource_kind,
        uses.resource_id,
        count(*) as use_count
    from uses
    inner join opportunities on uses.opportunity_key = opportunities.opportunity_key
    where uses.used_date <= opportunities.closed_date
    group by uses.opportunity_key, case when uses.resource_kind = 'message' then 'message' else 'resource' end, uses.resource_id
),

final as (
    select
        used.opportunity_key,
        used.resource_kind,
        used.resource_id,
        cast(used.use_count as integer) as use_count,
        opportunities.customer_id,
        opportunities.month_end,
        opportunities.month_number,
        opportunities.is_won
    from used
    inner join opportunities on used.opportunity_key = opportunities.opportunity_key
)

select * from final
