-- grain: one visit of a customer to self-service
with sessions as (
    select * from {{ ref('int_self_service_sessions') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

months as (
    select * from {{ ref('int_months') }}
),

final as (
    select
        sessions.session_key,
        {{ reporting_date('sessions.started_at') }} as session_date,
        months.month_end,
        months.month_number,
        coalesce(identity.customer_id, 'unknown') as customer_id,
        sessions.channel as visit_channel,
        sessions.is_entitled,
        sessions.is_answer_found,
        sessions.is_case_intended,
        sessions.is_nothing_further_needed
    from sessions
    inner join months
        on
            {{ reporting_date('sessions.started_at') }} >= months.month_start
            and {{ reporting_date('sessions.started_at') }} <= months.month_end
    left join identity on sessions.account_key = identity.account_key
)

select * from final
