-- grain: one completed activity
with exported as (

    select * from {{ ref('base_templates__activity_records') }}

),

final as (

    select
        record_id,
        account_id,
        activity as activity_words,
        activity_date,
        not coalesce(is_automated, false) as is_by_person,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
