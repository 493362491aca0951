-- grain: one deal and service offer that was bought with it
with quotes as (
    select * from {{ ref('fct_service_quotes') }} where accepted_date is not null
),

quote_lines as (
    select * from {{ ref('fct_service_quote_lines') }}
),

opportunity_lines as (
    select * from {{ ref('fct_service_opportunity_lines') }}
),

opportunities as (
    select * from {{ ref('fct_selling_opportunities') }} where is_service and is_won
),

months as (
    select * from {{ ref('int_months') }}
),

lined as (
    select distinct opportunity_key from opportunity_lines
),

-- What was won counts; where a deal has no lines, what the accepted quote says.
bought as (
    select
        opportunities.opportunity_key as deal_key,
        opportunities.customer_id,
        case when opportunities.opportunity_type = 'renewal' then 'renewal' else 'new' end as sale_kind,
        opportunities.closed_date as bought_date,
        opportunity_lines.offer_id,
        opportunity_lines.service_amount
    from opportunity_lines
    inner join opportunities on opportunity_lines.opportunity_key = opportunities.opportunity_key

    union all

    select
        quotes.deal_key,
        quotes.customer_id,
        quotes.sale_kind,
        quotes.accepted_date as bought_date,
        quote_lines.offer_id,
        quote_lines.net_amount as service_amount
    from quote_lines
    inner join quotes on quote_lines.quote_key = quotes.quote_key
    left join lined on quotes.opportunity_key = lined.opportunity_key
    where lined.opportunity_key is null
),

summed as (
    select deal_key, customer_id, sale_kind, bought_date, offer_id, sum(service_amount) as service_amount
    from bought
    where offer_id is not null
    group by deal_key, customer_id, sale_kind, bought_date, offer_id
),

final as (
    select
        summed.deal_key,
        summed.offer_id,
        summed.customer_id,
        summed.sale_kind,
        summed.bought_date,
        cast(summed.service_amount as decimal(18, 6)) as service_amount,
        months.month_end,
        months.month_number
    from summed
    inner join months on summed.bought_date >= months.month_start and summed.bought_date <= months.snapshot_date
)

select * from final
