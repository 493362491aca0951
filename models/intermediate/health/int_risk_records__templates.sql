-- grain: one risk of the risk_records template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with risks as (

    select * from {{ ref('stg_templates__risk_records') }}

),

reasons as (

    select * from {{ ref('risk_reason_map') }}

),

final as (

    select
        'templates:' || risks.risk_id as risk_key,
        'templates' as system,
        'templates:' || risks.account_id as account_key,
        case when risks.reason_raw is not null then coalesce(reasons.risk_reason, 'unknown') end as risk_reason,
        risks.has_competitor,
        risks.opened_date,
        risks.closed_date,
        risks.closed_date is not null as is_closed,
        {{ lower_case('risks.type_raw') }} as type_words,
        cast(null as {{ dbt.type_string() }}) as broad_type_words,
        risks.recorded_date
    from risks
    left join reasons on {{ lower_case('risks.reason_raw') }} = reasons.reason_words

)

select * from final
