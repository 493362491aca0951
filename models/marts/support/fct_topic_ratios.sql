-- grain: one metric of topics, period, dimension and member
with topics as (
    select * from {{ ref('fct_issue_topics') }}
),

final as (
    select
        'top_issue_topics' as metric_key,
        period_grain,
        period_end,
        'topic' as dimension,
        topic as member,
        cast(case_count as decimal(28, 6)) as numerator,
        cast(topic_case_count as decimal(28, 6)) as denominator,
        topic_case_count as subject_count,
        cast(round(topic_case_count / cast(every_case_count as double), 6) as decimal(18, 6)) as coverage,
        is_provisional
    from topics
)

select * from final
