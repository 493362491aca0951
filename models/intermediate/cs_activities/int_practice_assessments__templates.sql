-- grain: one record of the practice_assessments template
{{ config(enabled='templates' in var('systems')) }}

with assessments as (
    select * from {{ ref('stg_templates__practice_assessments') }}
),

words as (
    select * from {{ ref('cs_activity_words') }}
),

final as (
    select
        concat(
            'templates:', {{ hashed_key('assessments.practice_words') }}, ':', cast(assessments.assessed_date as {{ dbt.type_string() }})
        ) as assessment_key,
        'templates' as system,
        coalesce(words.activity_key, 'unknown') as activity_key,
        assessments.assessed_date,
        assessments.is_practised,
        assessments.recorded_date
    from assessments
    left join words on {{ lower_case('assessments.practice_words') }} = words.activity_words
)

select * from final
