-- grain: one snapshot of a Gainsight scorecard with a number as its score
{{ config(enabled='gainsight' in var('systems'), materialized='view') }}

with snapshots as (
    select * from {{ ref('int_scorecards__gainsight') }}
),

final as (
    select
        snapshot_key as score_key,
        'gainsight' as system,
        account_key,
        scorecard_id,
        snapshot_date as score_date,
        overall_score as score,
        recorded_date
    from snapshots
    where overall_score is not null
)

select * from final
