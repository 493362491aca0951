-- grain: one deal that was quoted, with the version of the quote that counts
-- noqa: disable=LT02
{%- set times = ('configured', 'proposal', 'presented', 'accepted') %}
with quotes as (
    select * from {{ ref('int_quotes') }}
),

opportunities as (
    select * from {{ ref('int_opportunities') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

-- What happened after the day of the warehouse has not happened yet.
versions as (
    select
        quotes.*,
        coalesce(quotes.opportunity_key, quotes.quote_key) as deal_key,
        {%- for time in times %}
        case when {{ reporting_date('quotes.' ~ time ~ '_at') }} <= clock.as_of_date then quotes.{{ time }}_at end as known_{{ time }}_at
        {{- ',' if not loop.last }}
        {%- endfor %}
    from quotes
    cross join clock
),

-- Of the versions of a deal the one marked primary counts, else the accepted one, else the newest.
ordered as (
    select
        *,
        row_number() over (
            partition by deal_key
            order by
                case when is_primary then 0 when is_primary is null then 1 else 2 end asc,
                case when known_accepted_at is not null then 0 else 1 end asc,
                created_at desc,
                quote_key asc
        ) as preference
    from versions
),

collapsed as (
    select
        deal_key,
        count(*) as version_count,
        min(created_at) as created_at,
        max(created_at) as last_created_at,
        min(known_configured_at) as configured_at,
        min(known_proposal_at) as proposal_at,
        min(known_presented_at) as presented_at
    from versions
    group by deal_key
),

final as (
    select
        ordered.deal_key,
        ordered.quote_key,
        ordered.opportunity_key,
        coalesce(identity.customer_id, 'unknown') as customer_id,
        coalesce(ordered.region, opportunities.region) as region,
        coalesce(ordered.channel, opportunities.channel) as channel,
        ordered.rep_id,
        case
            when ordered.quote_type = 'renewal' or opportunities.opportunity_type = 'renewal' then 'renewal' else 'new'
        end as sale_kind,
        collapsed.version_count,
        collapsed.created_at,
        collapsed.last_created_at,
        collapsed.configured_at,
        collapsed.proposal_at,
        collapsed.presented_at,
        ordered.known_accepted_at as accepted_at,
        {{ reporting_date('ordered.known_accepted_at') }} as accepted_date,
        ordered.net_amount,
        ordered.currency,
        ordered.is_proposal_automated,
        ordered.is_esigned,
        ordered.is_guided,
        ordered.is_on_demand,
        ordered.is_on_platform,
        ordered.has_custom_sow
    from ordered
    inner join collapsed on ordered.deal_key = collapsed.deal_key
    left join opportunities on ordered.opportunity_key = opportunities.opportunity_key
    left join identity on ordered.account_key = identity.account_key
    where ordered.preference = 1
)

select * from final
