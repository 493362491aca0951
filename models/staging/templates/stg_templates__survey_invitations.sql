-- grain: one invitation to a survey
with exported as (

    select * from {{ ref('base_templates__survey_invitations') }}

),

final as (

    select
        invitation_id,
        account_id,
        {{ lower_case('contact_id') }} as contact_id,
        survey_id,
        survey_title,
        sent_date,
        completed_date,
        coalesce(is_failed, false) as is_failed,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
