-- grain: one visit of a customer to self-service (help center
with exported as (
    select * from {{ ref('base_templates__self_service_sessions') }} where _row_status = 'accepted'
),

final as (
    select
        session_id,
        account_id,
        user_id,
        started_at,
        coalesce(is_entitled, false) as is_entitled,
        found_answer as is_answer_found,
        intended_case as is_case_intended,
        no_further_action as is_nothing_further_needed,
        lower(channel) as channel,
        article_id,
        _created_date as recorded_date
    from exported
)

select * from final
