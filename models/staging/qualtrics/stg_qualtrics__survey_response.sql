-- grain: one response
with exported as (
    select * from {{ ref('base_qualtrics__survey_response') }}
),

final as (
    select
        id as response_id,
        survey_id,
        coalesce(finished, false) as is_finished,
        lower(coalesce(status, '0')) not in ('1', '2', '8', '9', '12', '17') as is_genuine,
        {{ lower_case('recipient_email') }} as recipient_email,
        {{ reporting_date('coalesce(end_date, recorded_date)') }} as answered_date,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'
)

select * from final
