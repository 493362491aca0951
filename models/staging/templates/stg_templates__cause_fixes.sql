-- grain: the day from which a root cause of cases is fixed
with exported as (
    select * from {{ ref('base_templates__cause_fixes') }} where _row_status = 'accepted'
),

final as (
    select
        cause,
        fixed_date,
        _created_date as recorded_date
    from exported
)

select * from final
