-- grain: one person asked to answer one survey
with unioned as (
    {{ union_systems('int_survey_invitations', ['qualtrics', 'templates'], added=['is_completed']) }}
),

final as (
    select
        unioned.invitation_key,
        unioned.system,
        unioned.survey_key,
        unioned.survey_title,
        unioned.account_key,
        unioned.contact_key,
        unioned.sent_date,
        case when unioned.completed_date <= clock.as_of_date then unioned.completed_date end as completed_date,
        coalesce(unioned.completed_date <= clock.as_of_date, false) as is_completed,
        unioned.is_failed,
        unioned.recorded_date
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where
        (unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date)
        and unioned.sent_date <= clock.as_of_date
)

select * from final
