-- grain: one snapshot of a Gainsight scorecard with a judgement of the success manager
{{ config(enabled='gainsight' in var('systems'), materialized='view') }}

with snapshots as (
    select * from {{ ref('int_scorecards__gainsight') }}
),

final as (
    select
        snapshot_key as sentiment_key,
        'gainsight' as system,
        account_key,
        snapshot_date as judged_date,
        {{ lower_case('pulse_raw') }} as state_words,
        recorded_date
    from snapshots
    where pulse_raw is not null
)

select * from final
