-- grain: one customer (ultimate parent)
-- noqa: disable=LT02
with identity as (
    select * from {{ ref('int_customer_identity') }}
),

accounts as (
    select * from {{ ref('int_accounts') }}
),

segments as (
    select * from {{ ref('int_recurring_segments') }}
),

opportunities as (
    select * from {{ ref('int_opportunities') }}
),

revenue_months as (
    select * from {{ ref('int_revenue_months') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

account_revenue as (
    select segments.account_key, sum(segments.mrr_amount) as mrr_amount
    from segments
    cross join clock
    where segments.start_date <= clock.as_of_date and (segments.end_date is null or clock.as_of_date < segments.end_date)
    group by segments.account_key
),

-- The ultimate parent's own attributes come first, then those of the account with most revenue (ties: smallest id).
ranked as (
    select
        identity.customer_id,
        identity.is_unmatched,
        accounts.account_name,
        accounts.segment,
        accounts.region,
        accounts.channel,
        accounts.industry,
        accounts.country,
        case when identity.account_key = identity.root_key then 0 else 1 end as distance,
        coalesce(account_revenue.mrr_amount, 0) as mrr_amount,
        identity.account_key
    from identity
    inner join accounts on identity.account_key = accounts.account_key
    left join account_revenue on identity.account_key = account_revenue.account_key
),

ordered as (
    select
        *,
        row_number() over (partition by customer_id order by distance asc, mrr_amount desc, account_key asc) as preference
    from ranked
),

attributes as (
    select
        customer_id,
        {{ dbt.bool_or("is_unmatched") }} as is_unmatched,
        count(*) as account_count,
        {%- for column in ('account_name', 'segment', 'region', 'channel', 'industry', 'country') %}
        min(case when {{ column }} is not null then preference end) as {{ column }}_preference{{ ',' if not loop.last }}
        {%- endfor %}
    from ordered
    group by customer_id
),

chosen as (
    select
        attributes.customer_id,
        attributes.is_unmatched,
        attributes.account_count,
        {%- for column in ('account_name', 'segment', 'region', 'channel', 'industry', 'country') %}
        max(case when ordered.preference = attributes.{{ column }}_preference then ordered.{{ column }} end)
            as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from attributes
    inner join ordered on attributes.customer_id = ordered.customer_id
    group by attributes.customer_id, attributes.is_unmatched, attributes.account_count
),

first_sales as (
    select
        identity.customer_id,
        opportunities.channel,
        row_number() over (
            partition by identity.customer_id order by opportunities.close_date asc, opportunities.opportunity_key asc
        ) as sale_number
    from opportunities
    inner join identity on opportunities.account_key = identity.account_key
    where opportunities.is_won and opportunities.channel is not null
),

first_mrr as (
    select segments.customer_id, min(segments.start_date) as first_mrr_date
    from segments
    cross join clock
    where segments.mrr_original_amount > 0 and segments.start_date <= clock.as_of_date
    group by segments.customer_id
),

first_paid as (
    select customer_id, min(first_paid_date) as first_paid_date
    from revenue_months
    group by customer_id
),

final as (
    select
        chosen.customer_id,
        coalesce(chosen.account_name, chosen.customer_id) as customer_name,
        coalesce(chosen.segment, 'unknown') as segment,
        coalesce(chosen.region, 'unknown') as region,
        coalesce(first_sales.channel, chosen.channel, 'unknown') as channel,
        coalesce(chosen.industry, 'unknown') as industry,
        coalesce(chosen.country, 'unknown') as country,
        {{ earliest_of(['first_mrr.first_mrr_date', 'first_paid.first_paid_date']) }} as first_revenue_date,
        chosen.is_unmatched,
        cast(chosen.account_count as integer) as account_count
    from chosen
    left join first_sales on chosen.customer_id = first_sales.customer_id and first_sales.sale_number = 1
    left join first_mrr on chosen.customer_id = first_mrr.customer_id
    left join first_paid on chosen.customer_id = first_paid.customer_id
)

select * from final
