-- grain: one customer and month-end with answers about recommendation, impact or importance that count
with answers as (
    select * from {{ ref('int_latest_answers') }}
),

months as (
    select month_end, is_provisional from {{ ref('int_months') }}
),

-- The lower one of the two in the middle, where their number is even.
ranked as (
    select
        *,
        row_number() over (partition by customer_id, month_end, question_kind order by score asc, contact_key asc) as place,
        count(*) over (partition by customer_id, month_end, question_kind) as answer_count
    from answers
),

summed as (
    select
        customer_id,
        month_end,
        count(case when question_kind = 'nps' then 1 end) as nps_response_count,
        count(case when question_kind = 'nps' and score >= 9 then 1 end) as promoter_count,
        count(case when question_kind = 'nps' and score < 7 then 1 end) as detractor_count,
        -- Of an even number the mean of the two in the middle; perception has no value between two answers.
        avg(case when question_kind = 'nps' and 2 * place between answer_count and answer_count + 2 then cast(score as double) end)
            as nps_median,
        count(case when question_kind = 'perception' then 1 end) as perception_response_count,
        count(case when question_kind = 'perception' and score >= {{ var('perception_positive_min') }} then 1 end)
            as positive_perception_count,
        count(case when question_kind = 'perception' and score <= {{ var('perception_negative_max') }} then 1 end)
            as negative_perception_count,
        count(case when question_kind = 'criticality' then 1 end) as criticality_response_count,
        count(case when question_kind = 'criticality' and score >= 4 then 1 end) as critical_response_count,
        max(case when question_kind = 'perception' and 2 * place in (answer_count, answer_count + 1) then score end) as perception_median,
        max(case when question_kind = 'perception' then answered_date end) as perception_date
    from ranked
    group by customer_id, month_end
),

final as (
    select
        summed.customer_id,
        summed.month_end,
        cast(summed.nps_response_count as integer) as nps_response_count,
        cast(summed.promoter_count as integer) as promoter_count,
        cast(summed.detractor_count as integer) as detractor_count,
        cast(round(summed.nps_median, 6) as decimal(18, 6)) as nps_median,
        cast(summed.perception_response_count as integer) as perception_response_count,
        cast(summed.positive_perception_count as integer) as positive_perception_count,
        cast(summed.negative_perception_count as integer) as negative_perception_count,
        cast(summed.criticality_response_count as integer) as criticality_response_count,
        cast(summed.critical_response_count as integer) as critical_response_count,
        cast(summed.perception_median as decimal(18, 6)) as perception_median,
        case
            when summed.perception_median >= {{ var('perception_positive_min') }} then 'positive'
            when summed.perception_median <= {{ var('perception_negative_max') }} then 'negative'
            when summed.perception_median is not null then 'neutral'
        end as perception,
        summed.perception_date,
        months.is_provisional
    from summed
    inner join months on summed.month_end = months.month_end
)

select * from final
