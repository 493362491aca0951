-- grain: one interaction of the engagements template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with engagements as (

    select * from {{ ref('stg_templates__engagements') }}

),

final as (

    select
        'templates:' || engagement_id as engagement_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        case when channel in ('meeting', 'phone', 'email', 'chat', 'in_app', 'portal', 'community', 'event') then channel end as channel,
        case when direction in ('inbound', 'outbound') then direction end as direction,
        has_reply,
        started_at,
        is_completed,
        {{ lower_case('type_raw') }} as type_words,
        cast(null as {{ dbt.type_string() }}) as broad_type_words,
        {{ lower_case('sentiment_raw') }} as sentiment_words,
        recorded_date
    from engagements

)

select * from final
