-- grain: one correlation of health with engagement, period, dimension and member
-- noqa: disable=LT02,PRS
{#- Key, and the two columns that are laid beside each other. -#}
{%- set correlations = [
    ('corr_health_frequency', 'score', 'engagement_count'),
    ('corr_health_quality', 'score', 'positive_share'),
    ('corr_health_frequency_lagged', 'score_change', 'earlier_engagement_count'),
    ('corr_health_quality_lagged', 'score_change', 'earlier_positive_share'),
] %}
with engagement_health_months as (
    select * from {{ ref('fct_engagement_health_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 'month'
),

pairs as (
    {%- for key, health, engagement in correlations %}
    select
        '{{ key }}' as metric_key,
        month_end,
        segment,
        customer_id,
        is_provisional,
        cast({{ health }} as double) as health,
        cast({{ engagement }} as double) as engagement,
        {{ health }} is not null and {{ engagement }} is not null as is_known
    from engagement_health_months
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

eligible as (
    select metric_key, month_end, is_provisional, segment, count(*) as customer_count
    from pairs
    group by metric_key, month_end, is_provisional, segment
),

-- Twice the rank, less twice the middle rank: whole numbers also where customers share a rank, which they do at its middle. Broken by id,
-- ties on both sides would be in one order and look like a correlation.
ranked as (
    select
        metric_key,
        month_end,
        segment,
        2 * rank() over (partition by metric_key, month_end, segment order by health asc)
        + count(*) over (partition by metric_key, month_end, segment, health)
        - count(*) over (partition by metric_key, month_end, segment) - 2 as health_rank,
        2 * rank() over (partition by metric_key, month_end, segment order by engagement asc)
        + count(*) over (partition by metric_key, month_end, segment, engagement)
        - count(*) over (partition by metric_key, month_end, segment) - 2 as engagement_rank
    from pairs
    where is_known
),

-- Ranks ÷ (n + 1) have the middle ½ in every segment, so each segment's part of the sums is exact.
segments as (
    select
        metric_key,
        month_end,
        segment,
        count(*) as customer_count,
        cast(sum(cast(health_rank as decimal(18, 0)) * engagement_rank) as double) / power(count(*) + 1, 2) as product_sum,
        cast(sum(cast(health_rank as decimal(18, 0)) * health_rank) as double) / power(count(*) + 1, 2) as health_sum,
        cast(sum(cast(engagement_rank as decimal(18, 0)) * engagement_rank) as double) / power(count(*) + 1, 2) as engagement_sum
    from ranked
    group by metric_key, month_end, segment
),

-- One segment after the other, so that the sum of doubles is the same on both engines.
pooled as (
    select
        metric_key,
        month_end,
        segment,
        {{ running('product_sum', '+', 'so_far') }} as product_sum,
        {{ running('health_sum', '+', 'so_far') }} as health_sum,
        {{ running('engagement_sum', '+', 'so_far') }} as engagement_sum,
        sum(customer_count) over so_far as customer_count,
        row_number() over (partition by metric_key, month_end order by segment desc) as segments_left
    from segments
    window so_far as (partition by metric_key, month_end order by segment asc rows between unbounded preceding and current row)
),

members as (
    select metric_key, month_end, 'all' as dimension, 'all' as member, customer_count, product_sum, health_sum, engagement_sum
    from pooled
    where segments_left = 1

    union all

    select metric_key, month_end, 'segment' as dimension, segment as member, customer_count, product_sum, health_sum, engagement_sum
    from segments
),

eligible_members as (
    select metric_key, month_end, is_provisional, 'all' as dimension, 'all' as member, sum(customer_count) as customer_count
    from eligible
    group by metric_key, month_end, is_provisional

    union all

    select metric_key, month_end, is_provisional, 'segment' as dimension, segment as member, customer_count
    from eligible
),

correlated as (
    select
        eligible_members.metric_key,
        eligible_members.month_end,
        eligible_members.dimension,
        eligible_members.member,
        eligible_members.is_provisional,
        coalesce(members.customer_count, 0) as customer_count,
        cast(coalesce(members.customer_count, 0) as double) / cast(eligible_members.customer_count as double) as coverage,
        case
            when
                members.customer_count >= {{ var('correlation_min_n') }}
                and members.customer_count > 3
                and members.health_sum > 0
                and members.engagement_sum > 0
                then round(members.product_sum / sqrt(members.health_sum * members.engagement_sum), 12)
        end as correlation
    from eligible_members
    left join members
        on
            eligible_members.metric_key = members.metric_key
            and eligible_members.month_end = members.month_end
            and eligible_members.dimension = members.dimension
            and eligible_members.member = members.member
),

bounded as (
    select
        *,
        {{ correlation_bound('correlation', 'customer_count', '-') }} as low_correlation,
        {{ correlation_bound('correlation', 'customer_count', '+') }} as high_correlation
    from correlated
),

final as (
    select
        bounded.metric_key,
        periods.period_grain,
        periods.period_end,
        bounded.dimension,
        bounded.member,
        cast(round(bounded.correlation, 6) as decimal(18, 6)) as value,
        cast(bounded.customer_count as bigint) as n,
        cast(round(bounded.coverage, 6) as decimal(18, 6)) as coverage,
        case
            when bounded.correlation is null then 'insufficient_evidence'
            when round(bounded.low_correlation, 6) > 0 then 'supported'
            else 'not_supported'
        end as verdict,
        cast(round(bounded.low_correlation, 6) as decimal(18, 6)) as ci_low,
        cast(round(bounded.high_correlation, 6) as decimal(18, 6)) as ci_high,
        bounded.is_provisional
    from bounded
    inner join periods on bounded.month_end = periods.period_end
)

select * from final
