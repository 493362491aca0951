-- grain: one Pendo application, as its newest version has it
with versions as (
    select
        *,
        row_number() over (partition by id order by last_updated_at desc) as version_number,
        min(_created_date) over (partition by id) as first_recorded_date
    from {{ ref('base_pendo__application_history') }}
    where _row_status = 'accepted'
),

final as (
    select
        id as app_id,
        coalesce(display_name, name) as app_name,
        platform,
        coalesce(is_deleted, false) as is_deleted,
        last_updated_at,
        first_recorded_date as recorded_date
    from versions
    where version_number = 1
)

select * from final
