-- grain: one success plan
with exported as (
    select * from {{ ref('base_gainsight__success_plan') }}
),

final as (
    select
        gsid as plan_id,
        company_id,
        coalesce(status_name, status_id) as status_raw,
        start_date,
        {{ reporting_date('active_date') }} as active_date,
        due_date,
        agreed_date_gc as agreed_date,
        coalesce(is_closed, closed_date is not null) as is_closed,
        {{ reporting_date('coalesce(closed_date, modified_date)') }} as closed_date,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'
)

select * from final
