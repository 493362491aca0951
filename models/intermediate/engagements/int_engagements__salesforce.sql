-- grain: one task or event of Salesforce that is neither deleted nor a copy nor the header of a series
{{ config(enabled='salesforce' in var('systems'), materialized='view') }}

with tasks as (

    select * from {{ ref('stg_salesforce__task') }}

),

events as (

    select * from {{ ref('stg_salesforce__event') }}

),

activities as (

    select
        task_id as activity_id,
        account_id,
        type_raw,
        subtype_raw,
        case
            when call_type = 'inbound' then 'inbound'
            when call_type = 'outbound' then 'outbound'
        end as direction,
        -- nobody was there to talk to
        case
            when
                call_disposition like '%voicemail%'
                or call_disposition like '%voice mail%'
                or call_disposition like '%no answer%'
                or call_disposition like '%left message%'
                or call_disposition like '%left a message%'
                or call_disposition like '%busy%'
                or call_disposition like '%wrong number%'
                or call_disposition like '%not reached%'
                then false
        end as has_reply,
        started_at,
        is_completed,
        recorded_date
    from tasks
    where not is_deleted and not is_series

    union all

    select
        event_id as activity_id,
        account_id,
        type_raw,
        subtype_raw,
        cast(null as {{ dbt.type_string() }}) as direction,
        cast(null as boolean) as has_reply,
        started_at,
        not is_no_show as is_completed,
        recorded_date
    from events
    where not is_deleted and not is_series and not is_copy

),

final as (

    select
        'salesforce:' || activity_id as engagement_key,
        'salesforce' as system,
        'salesforce:' || account_id as account_key,
        cast(null as {{ dbt.type_string() }}) as channel,
        direction,
        has_reply,
        started_at,
        is_completed,
        {{ lower_case('coalesce(type_raw, subtype_raw)') }} as type_words,
        {{ lower_case('subtype_raw') }} as broad_type_words,
        cast(null as {{ dbt.type_string() }}) as sentiment_words,
        recorded_date
    from activities

)

select * from final
