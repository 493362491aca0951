-- grain: one visit of a customer to self-service
{{ config(enabled='templates' in var('systems')) }}

with sessions as (
    select * from {{ ref('stg_templates__self_service_sessions') }}
),

final as (
    select
        'templates:' || session_id as session_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        {{ hashed_key('user_id') }} as user_key,
        started_at,
        channel,
        article_id,
        is_entitled,
        is_answer_found,
        is_case_intended,
        is_nothing_further_needed,
        recorded_date
    from sessions
)

select * from final
