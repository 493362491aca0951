-- grain: one opportunity for services and stage of the selling process that it entered
with opportunities as (
    select * from {{ ref('fct_selling_opportunities') }} where is_service
),

entries as (
    select * from {{ ref('int_opportunity_stages') }}
),

stages as (
    select * from {{ ref('sales_stages') }}
),

months as (
    select * from {{ ref('int_months') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

-- A stage counts from the first time it was entered; words that are no stage of the seed, such as closed ones, are none.
entered as (
    select entries.opportunity_key, stages.stage, stages.stage_rank, min(entries.entered_date) as entered_date
    from entries
    inner join stages on {{ lower_case(trimmed('entries.stage_raw')) }} = stages.stage_raw
    cross join clock
    where entries.entered_date <= clock.as_of_date
    group by entries.opportunity_key, stages.stage, stages.stage_rank
),

farthest as (
    select opportunity_key, max(stage_rank) as stage_rank
    from entered
    group by opportunity_key
),

-- Moved on: entered a later stage, or won. Where the deal is open and has not, nobody knows yet.
final as (
    select
        concat(entered.opportunity_key, '|', entered.stage) as stage_key,
        entered.opportunity_key,
        opportunities.customer_id,
        opportunities.segment,
        opportunities.region,
        opportunities.channel,
        entered.stage,
        cast(entered.stage_rank as integer) as stage_rank,
        entered.entered_date,
        months.month_end,
        months.month_number,
        cast(
            case
                when farthest.stage_rank > entered.stage_rank or opportunities.is_won then true
                when opportunities.is_closed then false
            end as boolean
        ) as has_moved_on,
        months.is_provisional
    from entered
    inner join opportunities on entered.opportunity_key = opportunities.opportunity_key
    inner join farthest on entered.opportunity_key = farthest.opportunity_key
    inner join months on entered.entered_date >= months.month_start and entered.entered_date <= months.snapshot_date
)

select * from final
