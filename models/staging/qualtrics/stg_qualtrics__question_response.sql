-- grain: one answer to one question
with exported as (
    select * from {{ ref('base_qualtrics__question_response') }}
),

final as (
    select
        _fivetran_id as answer_id,
        response_id,
        question_id,
        sub_question_key,
        value as answer_value,
        text as answer_text
    from exported
    where _row_status = 'accepted'
)

select * from final
