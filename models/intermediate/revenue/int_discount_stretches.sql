-- grain: one stretch of a recurring line of a discounted contract in which no discount begins or ends
with recurring_lines as (
    select * from {{ ref('int_recurring_lines') }}
),

contract_discounts as (
    select * from {{ ref('int_discounts_in_force') }}
),

discounted_contracts as (
    select distinct contract_key from contract_discounts
),

affected as (
    select recurring_lines.*
    from recurring_lines
    inner join discounted_contracts on recurring_lines.contract_key = discounted_contracts.contract_key
),

-- Every day on which anything in the contract changes.
boundaries as (
    select contract_key, start_date as boundary_date from affected
    union
    select contract_key, end_date as boundary_date from affected where end_date is not null
    union
    select contract_key, start_date as boundary_date from contract_discounts where start_date is not null
    union
    select contract_key, end_date as boundary_date from contract_discounts where end_date is not null
),

intervals as (
    select
        contract_key,
        boundary_date as start_date,
        lead(boundary_date) over (partition by contract_key order by boundary_date asc) as end_date
    from boundaries
),

final as (
    select
        affected.contract_line_id,
        affected.customer_id,
        affected.account_key,
        affected.contract_key,
        affected.product_key,
        affected.product_family,
        affected.line_type,
        affected.currency,
        affected.start_date as line_start_date,
        affected.end_date as line_end_date,
        affected.mrr_amount,
        affected.quantity,
        affected.tier_rank,
        affected.escalator_rate,
        affected.is_cancelled,
        affected.is_paused_at_end,
        affected.is_bridged,
        intervals.start_date,
        case when affected.is_bridged then affected.end_date else intervals.end_date end as end_date,
        -- A bridged gap goes on at the discounts of the last day before it.
        case when affected.is_bridged then {{ add_days('affected.start_date', -1) }} else intervals.start_date end as discount_date,
        sum(case when affected.mrr_amount > 0 then affected.mrr_amount else 0 end) over (
            partition by affected.contract_key, intervals.start_date
        ) as contract_mrr_amount
    from affected
    inner join intervals
        on
            affected.contract_key = intervals.contract_key
            and intervals.start_date >= affected.start_date
            and (affected.end_date is null or intervals.start_date < affected.end_date)
            and (not affected.is_bridged or intervals.start_date = affected.start_date)
)

select * from final
