-- grain: one topic and period with cases opened about it
with opened as (
    select * from {{ ref('fct_case_events') }} where event = 'opened'
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

joined as (
    select
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        opened.topic,
        opened.customer_id
    from opened
    inner join periods
        on opened.month_number > periods.opening_month_number and opened.month_number <= periods.closing_month_number
),

totals as (
    select period_grain, period_end, count(topic) as topic_case_count, count(*) as every_case_count
    from joined
    group by period_grain, period_end
),

topics as (
    select
        period_grain,
        period_end,
        is_provisional,
        topic,
        count(*) as case_count,
        count(distinct case when customer_id <> 'unknown' then customer_id end) as customer_count
    from joined
    where topic is not null
    group by period_grain, period_end, is_provisional, topic
),

final as (
    select
        topics.topic,
        topics.period_grain,
        topics.period_end,
        cast(topics.case_count as bigint) as case_count,
        cast(topics.customer_count as bigint) as customer_count,
        cast(totals.topic_case_count as bigint) as topic_case_count,
        cast(totals.every_case_count as bigint) as every_case_count,
        cast(
            row_number() over (
                partition by topics.period_grain, topics.period_end
                order by topics.case_count desc, topics.customer_count desc, topics.topic asc
            ) as integer
        ) as topic_rank,
        topics.is_provisional
    from topics
    inner join totals on topics.period_grain = totals.period_grain and topics.period_end = totals.period_end
)

select * from final
