-- grain: one success plan
with exported as (

    select * from {{ ref('base_templates__success_plans') }}

),

final as (

    select
        plan_id,
        account_id,
        coalesce(status, case when closed_date is null then 'open' else 'closed' end) as status_raw,
        start_date,
        due_date,
        agreed_date,
        closed_date,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
