-- grain: one support case
with unioned as (
    {{ union_systems('int_cases', ['zendesk', 'ravenstack']) }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

-- What a system tells of a later day is not known yet.
judged as (
    select
        unioned.*,
        coalesce({{ reporting_date('unioned.closed_at') }} <= clock.as_of_date, true) as is_closing_known,
        coalesce({{ reporting_date('unioned.first_reply_at') }} <= clock.as_of_date, true) as is_reply_known,
        coalesce(unioned.rated_date <= clock.as_of_date, true) as is_rating_known
    from unioned
    cross join clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
),

final as (
    select
        case_key,
        system,
        case_id,
        account_key,
        created_at,
        case when is_closing_known then closed_at end as closed_at,
        is_closed and is_closing_known as is_closed,
        reopen_count,
        case when is_reply_known then first_reply_at end as first_reply_at,
        case when is_reply_known then first_reply_minutes end as first_reply_minutes,
        case when is_reply_known then first_reply_basis end as first_reply_basis,
        case when is_closing_known then resolution_minutes end as resolution_minutes,
        case when is_closing_known then resolution_basis end as resolution_basis,
        case when is_closing_known then case_status else 'open' end as case_status,
        severity,
        channel,
        first_reason,
        final_reason,
        is_preventable,
        unmapped_reason_key,
        topic,
        product_name,
        product_family,
        release_name,
        cause,
        has_problem,
        is_in_scope,
        exclusion_reason,
        agent_touch_count,
        system_touch_count,
        reply_count,
        case when is_closing_known then is_automated end as is_automated,
        handle_minutes,
        handle_role,
        case when is_rating_known then is_satisfied end as is_satisfied,
        case when is_rating_known then rated_date end as rated_date,
        sentiment,
        recorded_date
    from judged
)

select * from final
