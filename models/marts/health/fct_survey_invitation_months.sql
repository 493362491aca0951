-- grain: one survey and month in which it was sent
with invitations as (
    -- What never arrived cannot be answered.
    select * from {{ ref('int_survey_invitations') }} where not coalesce(is_failed, false)
),

months as (
    select * from {{ ref('int_months') }}
),

final as (
    select
        invitations.survey_key,
        months.month_end,
        months.month_number,
        max(coalesce(invitations.survey_title, invitations.survey_key)) as survey_title,
        cast(count(*) as integer) as sent_count,
        cast(count(case when invitations.is_completed then 1 end) as integer) as completed_count
    from invitations
    inner join months on invitations.sent_date >= months.month_start and invitations.sent_date <= months.month_end
    where invitations.survey_key is not null
    group by invitations.survey_key, months.month_end, months.month_number
)

select * from final
