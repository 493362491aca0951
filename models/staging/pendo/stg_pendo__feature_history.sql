-- grain: one Pendo feature, as its newest version has it
with versions as (
    select
        *,
        row_number() over (partition by id order by last_updated_at desc) as version_number,
        min(_created_date) over (partition by id) as first_recorded_date
    from {{ ref('base_pendo__feature_history') }}
    where _row_status = 'accepted'
),

final as (
    select
        id as feature_id,
        name as feature_name,
        app_id,
        group_id,
        is_core_event,
        last_updated_at,
        first_recorded_date as recorded_date
    from versions
    where version_number = 1
)

select * from final
