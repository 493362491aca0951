-- grain: one activity of a Gainsight timeline that is not deleted
{{ config(enabled='gainsight' in var('systems'), materialized='view') }}

with activities as (
    select * from {{ ref('stg_gainsight__activity_timeline') }}
),

companies as (
    select * from {{ ref('int_company_ids__gainsight') }}
),

final as (
    select
        'gainsight:' || activities.activity_id as engagement_key,
        'gainsight' as system,
        'gainsight:' || coalesce(activities.company_id, companies.company_id) as account_key,
        cast(null as {{ dbt.type_string() }}) as channel,
        -- The timeline tells neither who began nor what is only planned.
        cast(null as {{ dbt.type_string() }}) as direction,
        cast(null as boolean) as has_reply,
        activities.started_at,
        true as is_completed,
        {{ lower_case('coalesce(activities.meeting_type, activities.milestone_type_name, activities.type_name)') }} as type_words,
        {{ lower_case('activities.type_name') }} as broad_type_words,
        {{ lower_case('activities.sentiment_raw') }} as sentiment_words,
        activities.recorded_date
    from activities
    left join companies on {{ salesforce_short_id('activities.crm_account_id') }} = companies.any_id
    where not activities.is_deleted
)

select * from final
