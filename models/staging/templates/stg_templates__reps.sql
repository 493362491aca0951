-- grain: one sales rep
with exported as (
    select * from {{ ref('base_templates__reps') }} where _row_status = 'accepted'
),

final as (
    select
        rep_id,
        coalesce(case when {{ lower_case('party') }} in ('direct', 'partner') then {{ lower_case('party') }} end, 'unknown') as party,
        coalesce(sells_services, true) as is_service_seller,
        region,
        started_date,
        ended_date,
        _created_date as recorded_date
    from exported
)

select * from final
