-- grain: one competency test of one rep, of the rep_tests template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__rep_tests') }}
),

final as (
    select
        'templates:' || test_id as test_key,
        'templates' as system,
        rep_id,
        tested_date,
        is_passed,
        score,
        recorded_date
    from exported
)

select * from final
