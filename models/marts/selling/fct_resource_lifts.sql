-- grain: one supporting resource (all: any of them) and period (year or trailing twelve months)
-- noqa: disable=LT02
with opportunities as (
    select * from {{ ref('fct_selling_opportunities') }} where is_service and is_closed
),

resources as (
    select * from {{ ref('fct_resource_opportunities') }} where resource_kind = 'resource'
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known and period_grain in ('year', 't12m')
),

-- Deals are compared within segment, region and quartile of their size (ties: by id).
closed as (
    select
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        opportunities.opportunity_key,
        opportunities.is_won,
        opportunities.has_resource,
        concat(
            opportunities.segment,
            '|',
            opportunities.region,
            '|',
            cast(
                ntile(4) over (
                    partition by periods.period_grain, periods.period_end
                    order by opportunities.service_amount asc nulls first, opportunities.opportunity_key asc
                ) as {{ dbt.type_string() }}
            )
        ) as stratum
    from opportunities
    inner join periods
        on
            opportunities.month_number > periods.opening_month_number
            and opportunities.month_number <= periods.closing_month_number
),

members as (
    select distinct closed.period_grain, closed.period_end, resources.resource_id
    from closed
    inner join resources on closed.opportunity_key = resources.opportunity_key
),

subjects as (
    select
        closed.period_grain,
        closed.period_end,
        closed.is_provisional,
        'resource' as dimension,
        members.resource_id as member,
        closed.stratum,
        closed.opportunity_key as subject_id,
        resources.opportunity_key is not null as is_treated,
        case when closed.is_won then 1 else 0 end as outcome,
        case when closed.is_won then 1 else 0 end as post_outcome,
        cast(null as integer) as placebo_outcome
    from closed
    inner join members on closed.period_grain = members.period_grain and closed.period_end = members.period_end
    left join resources
        on closed.opportunity_key = resources.opportunity_key and members.resource_id = resources.resource_id

    union all

    select
        period_grain,
        period_end,
        is_provisional,
        'all' as dimension,
        'all' as member,
        stratum,
        opportunity_key as subject_id,
        has_resource as is_treated,
        case when is_won then 1 else 0 end as outcome,
        case when is_won then 1 else 0 end as post_outcome,
        cast(null as integer) as placebo_outcome
    from closed
),

{{ stratified_effect('subjects', ['period_grain', 'period_end', 'is_provisional', 'dimension', 'member']) }},

judged as (
    select *, {{ effect_verdict("'up'", has_placebo='false') }} as verdict
    from effects
    where n_treated_all > 0
),

-- With too little evidence no number is shown.
final as (
    select
        'resource_usage_lift' as metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        case when verdict <> 'insufficient_evidence' then effect end as value,
        n_treated as n,
        coverage,
        verdict,
        case when verdict <> 'insufficient_evidence' then ci_low end as ci_low,
        case when verdict <> 'insufficient_evidence' then ci_high end as ci_high,
        is_provisional
    from judged
)

select * from final
