-- grain: one won opportunity and service line that the customer had used before; one row without a line where it used none
-- noqa: disable=LT02
with opportunities as (
    select * from {{ ref('int_opportunities') }} where is_won and close_date is not null
),

uses as (
    select * from {{ ref('int_service_uses') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

-- An amount below zero is none that services could have helped with.
won as (
    select
        opportunities.opportunity_key,
        identity.customer_id,
        opportunities.close_date,
        coalesce(opportunities.region, 'unknown') as region,
        coalesce(opportunities.channel, 'unknown') as channel,
        months.month_end,
        months.month_number,
        months.is_provisional,
        {{ converted_amount(
            'opportunities.amount', '(case when opportunities.currency is null then cast(1 as decimal(18, 9)) else rates.rate end)'
        ) }} as won_amount
    from opportunities
    inner join identity on opportunities.account_key = identity.account_key
    inner join {{ ref('int_months') }} as months
        on opportunities.close_date >= months.month_start and opportunities.close_date <= months.snapshot_date
    left join rates on opportunities.currency = rates.currency
    where coalesce(opportunities.amount, 0) >= 0
),

used as (
    select won.opportunity_key, uses.service_line, count(*) as use_count
    from won
    inner join uses
        on
            won.customer_id = uses.customer_id
            and uses.used_date < won.close_date
            and uses.used_date >= {{ add_days('won.close_date', '-' ~ var('influence_window_days')) }}
    group by won.opportunity_key, uses.service_line
),

placed as (
    select
        opportunity_key,
        service_line,
        row_number() over (partition by opportunity_key order by service_line asc) as line_number,
        count(*) over (partition by opportunity_key) as line_count
    from used
),

final as (
    select
        won.opportunity_key,
        coalesce(placed.service_line, 'none') as service_line,
        won.customer_id,
        won.close_date,
        won.month_end,
        won.month_number,
        won.region,
        won.channel,
        cast(placed.service_line is not null as boolean) as is_influenced,
        cast(coalesce(placed.line_number, 1) = 1 as boolean) as is_first_line,
        won.won_amount,
        -- Full credit for each line; the split shares it equally and adds up to it.
        cast(case when placed.service_line is null then 0 else won.won_amount end as decimal(18, 6)) as influenced_amount,
        cast(
            case
                when placed.service_line is null then 0
                else {{ part_of_total('won.won_amount', '(placed.line_number - 1)', 'placed.line_number', 'placed.line_count') }}
            end as decimal(18, 6)
        ) as split_amount,
        won.is_provisional
    from won
    left join placed on won.opportunity_key = placed.opportunity_key
)

select * from final
