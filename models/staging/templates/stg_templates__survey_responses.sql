-- grain: one answer to one question
with exported as (

    select * from {{ ref('base_templates__survey_responses') }}

),

final as (

    select
        answer_id,
        account_id,
        {{ lower_case('contact_id') }} as contact_id,
        survey_id,
        {{ lower_case("replace(replace(question_kind, ' ', '_'), '-', '_')") }} as question_kind,
        score,
        scale_low,
        scale_high,
        answer as answer_text,
        answered_date,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
