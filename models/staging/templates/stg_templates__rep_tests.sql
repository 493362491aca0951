-- grain: one competency test of one rep
with exported as (
    select * from {{ ref('base_templates__rep_tests') }} where _row_status = 'accepted'
),

final as (
    select
        test_id,
        rep_id,
        tested_date,
        coalesce(is_passed, score >= {{ var('proficiency_pass_score') }}) as is_passed,
        score,
        _created_date as recorded_date
    from exported
)

select * from final
