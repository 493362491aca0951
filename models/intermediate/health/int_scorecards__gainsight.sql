-- grain: one snapshot of a scorecard of a company
{{ config(enabled='gainsight' in var('systems'), materialized='view') }}

with snapshots as (
    select * from {{ ref('stg_gainsight__account_scorecard_history') }}
),

companies as (
    select * from {{ ref('int_company_ids__gainsight') }}
),

final as (
    select
        'gainsight:' || snapshots.account_id || ':' || snapshots.scorecard_id || ':' || snapshots.granularity || ':'
        || cast(snapshots.snapshot_date as {{ dbt.type_string() }}) as snapshot_key,
        'gainsight:' || coalesce(companies.company_id, snapshots.account_id) as account_key,
        snapshots.scorecard_id,
        snapshots.snapshot_date,
        snapshots.overall_score,
        snapshots.pulse_raw,
        snapshots.recorded_date
    from snapshots
    left join companies on {{ salesforce_short_id('snapshots.account_id') }} = companies.any_id
)

select * from final
