-- grain: one answer
with exported as (
    select * from {{ ref('base_gainsight__csat_survey_response') }}
),

final as (
    select
        gsid as response_id,
        company_id,
        survey_id,
        question_id,
        person_id,
        csatscore as csat_score,
        csatpercent as csat_percent,
        {{ reporting_date('responded_date') }} as answered_date,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'
)

select * from final
