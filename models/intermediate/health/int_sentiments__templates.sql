-- grain: one interaction of the engagements template with a judgement of the customer's state
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with engagements as (

    select * from {{ ref('stg_templates__engagements') }}

),

final as (

    select
        'templates:' || engagement_id as sentiment_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        {{ reporting_date('started_at') }} as judged_date,
        {{ lower_case('pulse_raw') }} as state_words,
        recorded_date
    from engagements
    where pulse_raw is not null and is_completed

)

select * from final
