-- grain: one sales rep
with reps as (
    select * from {{ ref('int_reps') }}
),

final as (
    select
        rep_id,
        system,
        party,
        is_service_seller,
        coalesce(region, 'unknown') as region,
        started_date,
        ended_date
    from reps
)

select * from final
