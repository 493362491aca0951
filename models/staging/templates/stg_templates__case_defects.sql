-- grain: one case that a defect causes
with exported as (
    select * from {{ ref('base_templates__case_defects') }} where _row_status = 'accepted'
),

final as (
    select
        lower(case_system) as case_system,
        case_id,
        lower(defect_system) as defect_system,
        defect_id,
        _created_date as recorded_date
    from exported
)

select * from final
