-- grain: one record of the activity_records template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with records as (
    select * from {{ ref('stg_templates__activity_records') }}
),

words as (
    select * from {{ ref('cs_activity_words') }}
),

final as (
    select
        'templates:' || records.record_id as record_key,
        'templates' as system,
        'templates:' || records.account_id as account_key,
        coalesce(words.activity_key, 'unknown') as activity_key,
        records.is_by_person,
        records.activity_date,
        records.recorded_date
    from records
    left join words on {{ lower_case('records.activity_words') }} = words.activity_words
)

select * from final
