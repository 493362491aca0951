-- grain: one activity
with exported as (
    select * from {{ ref('base_gainsight__activity_timeline') }}
),

final as (
    select
        gsid as activity_id,
        gs_company_id as company_id,
        account_id as crm_account_id,
        type_name,
        ant_meeting_type_c as meeting_type,
        milestone_type_name,
        ant_sentiment_c as sentiment_raw,
        activity_date as started_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'
)

select * from final
