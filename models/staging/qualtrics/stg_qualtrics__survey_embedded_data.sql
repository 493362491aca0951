-- grain: one field of a response
with exported as (
    select * from {{ ref('base_qualtrics__survey_embedded_data') }}
),

final as (
    select
        response_id,
        key as field_name,
        value as field_value
    from exported
    where _row_status = 'accepted'
)

select * from final
