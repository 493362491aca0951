-- grain: one opportunity for services or for products
-- noqa: disable=LT05
with opportunities as (
    select * from {{ ref('int_opportunities') }}
),

quotes as (
    select * from {{ ref('fct_service_quotes') }}
),

opportunity_lines as (
    select * from {{ ref('int_opportunity_lines') }}
),

service_lines as (
    select * from {{ ref('fct_service_opportunity_lines') }}
),

lost_reasons as (
    select * from {{ ref('int_lost_deal_reasons') }}
),

reason_map as (
    select * from {{ ref('int_loss_reason_map') }}
),

uses as (
    select * from {{ ref('int_resource_uses') }}
),

needs as (
    select * from {{ ref('int_deal_needs') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

months as (
    select * from {{ ref('int_months') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

-- What has never been recorded is not known to be missing.
first_use as (
    select min(used_date) as first_used_date from uses
),

first_need as (
    select min(identified_date) as first_identified_date from needs
),

begun as (
    select first_use.first_used_date, first_need.first_identified_date
    from first_use
    cross join first_need
),

quoted as (
    select opportunity_key, max(service_amount) as service_amount
    from quotes
    where opportunity_key is not null
    group by opportunity_key
),

lined as (
    select
        opportunity_lines.opportunity_key,
        count(service_lines.opportunity_line_key) as service_line_count,
        count(*) - count(service_lines.opportunity_line_key) as product_line_count,
        sum(service_lines.service_amount) as service_amount
    from opportunity_lines
    left join service_lines on opportunity_lines.opportunity_line_key = service_lines.opportunity_line_key
    group by opportunity_lines.opportunity_key
),

used as (
    select
        uses.opportunity_key,
        count(case when uses.is_value_asset then 1 end) as value_asset_count,
        count(case when uses.resource_kind = 'message' then 1 end) as message_count,
        count(case when uses.resource_kind in ('content', 'tool') then 1 end) as resource_count
    from uses
    inner join opportunities on uses.opportunity_key = opportunities.opportunity_key
    where opportunities.close_date is null or uses.used_date <= opportunities.close_date
    group by uses.opportunity_key
),

needed as (
    select needs.opportunity_key, count(*) as need_count
    from needs
    inner join opportunities on needs.opportunity_key = opportunities.opportunity_key
    where opportunities.close_date is null or needs.identified_date <= opportunities.close_date
    group by needs.opportunity_key
),

judged as (
    select
        opportunities.opportunity_key,
        coalesce(identity.customer_id, 'unknown') as customer_id,
        coalesce(customers.segment, 'unknown') as segment,
        coalesce(opportunities.region, customers.region, 'unknown') as region,
        coalesce(opportunities.channel, customers.channel, 'unknown') as channel,
        opportunities.opportunity_type,
        opportunities.created_date,
        opportunities.close_date,
        coalesce(opportunities.is_closed, false) and opportunities.close_date <= clock.as_of_date as is_closed,
        coalesce(opportunities.is_won, false) as is_won,
        quoted.opportunity_key is not null or coalesce(lined.service_line_count, 0) > 0 as is_service,
        -- Without lines and quote a deal is taken for one of products.
        opportunities.opportunity_type <> 'renewal'
        and coalesce(lined.product_line_count > 0, quoted.opportunity_key is null) as is_product,
        coalesce(case when lined.service_line_count > 0 then lined.service_amount end, quoted.service_amount) as service_amount,
        case
            when lost_reasons.reason_key is not null then coalesce(reason_map.loss_reason, 'other') else 'unknown'
        end as lost_reason,
        {{ converted_amount('opportunities.amount', 'rates.rate') }} as opportunity_amount,
        coalesce(used.value_asset_count, 0) as value_asset_count,
        coalesce(used.message_count, 0) as message_count,
        coalesce(used.resource_count, 0) as resource_count,
        coalesce(needed.need_count, 0) as need_count,
        coalesce(begun.first_used_date <= opportunities.close_date, false) as are_uses_known,
        coalesce(begun.first_identified_date <= opportunities.close_date, false) as are_needs_known
    from opportunities
    left join quoted on opportunities.opportunity_key = quoted.opportunity_key
    left join lined on opportunities.opportunity_key = lined.opportunity_key
    left join lost_reasons on opportunities.opportunity_key = lost_reasons.opportunity_key
    left join reason_map on lost_reasons.reason_key = reason_map.reason_key
    left join used on opportunities.opportunity_key = used.opportunity_key
    left join needed on opportunities.opportunity_key = needed.opportunity_key
    left join identity on opportunities.account_key = identity.account_key
    left join customers on identity.customer_id = customers.customer_id
    left join rates on opportunities.currency = rates.currency
    cross join begun
    cross join clock
),

final as (
    select
        judged.opportunity_key,
        judged.customer_id,
        judged.segment,
        judged.region,
        judged.channel,
        judged.opportunity_type,
        judged.created_date,
        case when judged.is_closed then judged.close_date end as closed_date,
        months.month_end,
        months.month_number,
        cast(judged.is_service as boolean) as is_service,
        cast(judged.is_product as boolean) as is_product,
        cast(judged.is_closed as boolean) as is_closed,
        cast(case when judged.is_closed then judged.is_won end as boolean) as is_won,
        case
            when judged.is_closed and judged.is_won and judged.close_date >= judged.created_date
                then cast({{ dbt.datediff('judged.created_date', 'judged.close_date', 'day') }} as decimal(18, 6))
        end as sales_cycle_days,
        cast(coalesce(judged.service_amount, judged.opportunity_amount) as decimal(18, 6)) as service_amount,
        cast(case when judged.is_closed and not judged.is_won then judged.lost_reason end as {{ dbt.type_string() }}) as loss_reason,
        cast(judged.message_count > 0 as boolean) as has_message,
        cast(judged.resource_count > 0 as boolean) as has_resource,
        cast(
            case when judged.value_asset_count > 0 then true when judged.are_uses_known then false end as boolean
        ) as has_value_asset,
        -- A service on the deal itself is a need that was found.
        cast(
            case when judged.need_count > 0 or judged.is_service then true when judged.are_needs_known then false end as boolean
        ) as has_service_need,
        months.is_provisional
    from judged
    left join months
        on judged.is_closed and judged.close_date >= months.month_start and judged.close_date <= months.snapshot_date
    where judged.is_service or judged.is_product
)

select * from final
