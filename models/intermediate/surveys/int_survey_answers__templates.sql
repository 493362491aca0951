-- grain: one answer of the survey_responses template
{{ config(enabled='templates' in var('systems')) }}

with answers as (

    select * from {{ ref('stg_templates__survey_responses') }}

),

answer_map as (

    select * from {{ ref('survey_answer_map') }}

),

given as (

    select
        *,
        case when score = floor(score) then cast(cast(score as bigint) as {{ dbt.type_string() }}) end as whole_number
    from answers
    where score is not null or answer_text is not null

),

known as (

    select
        *,
        case
            when question_kind in ('nps', 'csat', 'perception', 'criticality', 'intent', 'adoption_share', 'barrier') then question_kind
            else 'unknown'
        end as known_kind,
        -- A whole number is looked up as words, too: of an intent it stands for a state.
        {{ lower_case('coalesce(answer_text, whole_number)') }} as answer_words
    from given

),

final as (

    select
        'templates:' || known.answer_id as answer_key,
        'templates' as system,
        'templates:' || known.account_id as account_key,
        {{ hashed_key('known.contact_id') }} as contact_key,
        'templates:' || known.survey_id as survey_key,
        'templates:' || coalesce(known.survey_id || ':', '') || known.question_kind as question_key,
        known.known_kind as question_kind,
        coalesce(answer_map.score, known.score) as given_score,
        case
            when answer_map.score is not null then 1
            when known.scale_low is not null then known.scale_low
            when known.known_kind in ('nps', 'adoption_share') then 0
            else 1
        end as scale_low,
        case
            when answer_map.score is not null then 5
            when known.scale_high is not null then known.scale_high
            when known.known_kind = 'nps' then 10
            when known.known_kind = 'adoption_share' then 100
            else 5
        end as scale_high,
        answer_map.answer,
        known.answered_date,
        known.recorded_date
    from known
    left join answer_map on known.known_kind = answer_map.question_kind and known.answer_words = answer_map.answer_words

)

select * from final
