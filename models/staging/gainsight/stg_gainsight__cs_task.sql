-- grain: one task
with exported as (
    select * from {{ ref('base_gainsight__cs_task') }}
),

final as (
    select
        gsid as task_id,
        company_id,
        name as task_words,
        coalesce(type_name, type_id) as type_raw,
        coalesce(is_closed, closed_date is not null) as is_closed,
        {{ reporting_date('closed_date') }} as closed_date,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'
)

select * from final
