-- grain: one Pendo visitor, as the newest version has it
with versions as (
    select
        *,
        row_number() over (partition by id order by last_updated_at desc) as version_number
    from {{ ref('base_pendo__visitor_history') }}
    where _row_status = 'accepted'
),

final as (
    select
        id as visitor_id,
        account_id,
        lower(agent_email) as email,
        first_visit as first_visit_at,
        last_visit as last_visit_at,
        last_updated_at
    from versions
    where version_number = 1
)

select * from final
