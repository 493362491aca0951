-- grain: one closed task of Gainsight that is not deleted
{{ config(enabled='gainsight' in var('systems'), materialized='view') }}

with tasks as (
    select * from {{ ref('stg_gainsight__cs_task') }}
),

words as (
    select * from {{ ref('cs_activity_words') }}
),

-- Tasks have names of all sorts: those of a playbook are alike, and the seed knows them; the name itself stays in staging.
final as (
    select
        'gainsight:' || tasks.task_id as record_key,
        'gainsight' as system,
        'gainsight:' || tasks.company_id as account_key,
        coalesce(names.activity_key, types.activity_key, 'unknown') as activity_key,
        true as is_by_person,
        tasks.closed_date as activity_date,
        tasks.recorded_date
    from tasks
    left join words as names on {{ lower_case('tasks.task_words') }} = names.activity_words
    left join words as types on {{ lower_case('tasks.type_raw') }} = types.activity_words
    where tasks.is_closed and not tasks.is_deleted
)

select * from final
