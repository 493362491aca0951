-- grain: one answer to one question of a survey
with unioned as (
    {{ union_systems('int_survey_answers', ['gainsight', 'qualtrics', 'templates'], added=['score']) }}
),

final as (
    select
        unioned.answer_key,
        unioned.system,
        unioned.account_key,
        unioned.contact_key,
        unioned.survey_key,
        unioned.question_key,
        unioned.question_kind,
        unioned.given_score,
        unioned.scale_low,
        unioned.scale_high,
        cast(
            case
                when
                    unioned.given_score < least(unioned.scale_low, unioned.scale_high)
                    or unioned.given_score > greatest(unioned.scale_low, unioned.scale_high)
                    then null
                when unioned.question_kind = 'nps' and unioned.scale_low = 0 and unioned.scale_high = 10 then unioned.given_score
                when unioned.question_kind = 'adoption_share'
                    then cast(unioned.given_score - unioned.scale_low as double) / nullif(unioned.scale_high - unioned.scale_low, 0)
                when unioned.question_kind in ('csat', 'perception', 'criticality')
                    then 1 + 4 * cast(unioned.given_score - unioned.scale_low as double) / nullif(unioned.scale_high - unioned.scale_low, 0)
            end as decimal(18, 6)
        ) as score,
        unioned.answer,
        unioned.answered_date,
        unioned.recorded_date
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where
        (unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date)
        and unioned.answered_date <= clock.as_of_date
)

select * from final
