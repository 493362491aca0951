-- grain: one question of a survey
with exported as (
    select * from {{ ref('base_qualtrics__question') }}
),

final as (
    select
        survey_id,
        id as question_id,
        {{ lower_case('data_export_tag') }} as question_tag,
        coalesce(_fivetran_deleted, false) as is_deleted
    from exported
    where _row_status = 'accepted'
)

select * from final
