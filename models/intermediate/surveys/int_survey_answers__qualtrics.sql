-- grain: one answer to one question of a finished response of Qualtrics
{{ config(enabled='qualtrics' in var('systems'), materialized='view') }}

with answers as (
    select * from {{ ref('stg_qualtrics__question_response') }}
    where answer_value is not null or answer_text is not null
),

responses as (
    select * from {{ ref('int_survey_responses__qualtrics') }}
),

labels as (
    select * from {{ ref('stg_qualtrics__question') }}
),

questions as (
    select * from {{ ref('survey_questions') }}
),

answer_map as (
    select * from {{ ref('survey_answer_map') }}
),

asked as (
    select
        answers.answer_id,
        answers.question_id,
        answers.answer_value,
        answers.answer_text,
        responses.survey_id,
        responses.crm_account_id,
        responses.contact_key,
        responses.answered_date,
        responses.recorded_date,
        labels.question_tag,
        answers.question_id || coalesce(':' || answers.sub_question_key, '') as question_row
    from answers
    inner join responses on answers.response_id = responses.response_id
    left join labels on responses.survey_id = labels.survey_id and answers.question_id = labels.question_id
),

-- What is said of one survey wins over what is said of all, an id over a label, a row of a matrix over its question.
matches as (
    select
        asked.answer_id,
        questions.question_kind,
        questions.scale_low,
        questions.scale_high,
        row_number() over (
            partition by asked.answer_id
            order by
                case when questions.survey_id is null then 1 else 0 end asc,
                case
                    when questions.question = asked.question_row then 0
                    when questions.question = asked.question_id then 1
                    else 2
                end asc
        ) as match_number
    from asked
    inner join questions
        on
            questions.question in (asked.question_row, asked.question_id, asked.question_tag)
            and (questions.survey_id is null or questions.survey_id = asked.survey_id)
),

known as (
    select
        asked.*,
        coalesce(matches.question_kind, 'unknown') as question_kind,
        matches.scale_low,
        matches.scale_high,
        {{ cast_text({'name': 'answer_value', 'data_type': 'decimal'}) }} as number_given
    from asked
    left join matches on asked.answer_id = matches.answer_id and matches.match_number = 1
),

-- Words say more than numbers: which number stands for which answer is each survey's own choice.
worded as (
    select
        known.*,
        coalesce(by_text.score, by_value.score) as score_of_words,
        coalesce(by_text.answer, by_value.answer) as answer
    from known
    left join answer_map as by_value
        on known.question_kind = by_value.question_kind and {{ lower_case('known.answer_value') }} = by_value.answer_words
    left join answer_map as by_text
        on known.question_kind = by_text.question_kind and {{ lower_case('known.answer_text') }} = by_text.answer_words
),

final as (
    select
        'qualtrics:' || answer_id as answer_key,
        'qualtrics' as system,
        'qualtrics:' || crm_account_id as account_key,
        contact_key,
        'qualtrics:' || survey_id as survey_key,
        'qualtrics:' || survey_id || ':' || question_row as question_key,
        question_kind,
        coalesce(score_of_words, number_given) as given_score,
        case when score_of_words is not null then 1 else scale_low end as scale_low,
        case when score_of_words is not null then 5 else scale_high end as scale_high,
        answer,
        answered_date,
        recorded_date
    from worded
    where question_kind <> 'other'
)

select * from final
