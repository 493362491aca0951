-- grain: one customer and period with interactions
{%- set channels = interaction_channels() %}
with interactions as (
    select * from {{ ref('int_interactions') }}
),

months as (
    select month_start, month_end from {{ ref('int_months') }}
),

periods as (
    select * from {{ ref('dim_periods') }} where is_opening_known
),

customer_months as (
    select
        interactions.customer_id,
        months.month_end,
        count(*) as interaction_count,
        count(case when interactions.is_two_way then 1 end) as engagement_count,
        count(case when interactions.is_two_way and interactions.sentiment is not null then 1 end) as rated_count,
        count(case when interactions.is_two_way and interactions.sentiment = 'positive' then 1 end) as positive_count,
        count(case when interactions.is_two_way and interactions.sentiment = 'negative' then 1 end) as negative_count,
        count(case when interactions.mode = 'high_touch' then 1 end) as high_touch_count,
        count(case when interactions.mode = 'digital' then 1 end) as digital_count,
        count(case when interactions.mode = 'self_help' then 1 end) as self_help_count,
        count(case when interactions.mode = 'community' then 1 end) as community_count,
        {%- for channel in channels %}
        count(
            case
                when (interactions.is_two_way or interactions.direction = 'inbound') and interactions.channel = '{{ channel }}' then 1
            end
        ) as {{ channel }}_contact_count,
        {%- endfor %}
        count(case when interactions.is_two_way or interactions.direction = 'inbound' then 1 end) as contact_count,
        count(case when not interactions.is_two_way and interactions.direction is null then 1 end) as undirected_count
    from interactions
    inner join months
        on interactions.interaction_date >= months.month_start and interactions.interaction_date <= months.month_end
    group by interactions.customer_id, months.month_end
),

final as (
    select
        customer_months.customer_id,
        periods.period_grain,
        periods.period_end,
        cast(sum(customer_months.interaction_count) as integer) as interaction_count,
        cast(sum(customer_months.engagement_count) as integer) as engagement_count,
        cast(sum(customer_months.rated_count) as integer) as rated_count,
        cast(sum(customer_months.positive_count) as integer) as positive_count,
        cast(sum(customer_months.negative_count) as integer) as negative_count,
        cast(sum(customer_months.high_touch_count) as integer) as high_touch_count,
        cast(sum(customer_months.digital_count) as integer) as digital_count,
        cast(sum(customer_months.self_help_count) as integer) as self_help_count,
        cast(sum(customer_months.community_count) as integer) as community_count,
        {%- for channel in channels %}
        cast(sum(customer_months.{{ channel }}_contact_count) as integer) as {{ channel }}_contact_count,
        {%- endfor %}
        cast(sum(customer_months.contact_count) as integer) as contact_count,
        cast(sum(customer_months.undirected_count) as integer) as undirected_count,
        periods.is_provisional
    from customer_months
    inner join periods
        on customer_months.month_end > periods.opening_date and customer_months.month_end <= periods.period_end
    group by customer_months.customer_id, periods.period_grain, periods.period_end, periods.is_provisional
)

select * from final
