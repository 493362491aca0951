-- grain: one snapshot of a scorecard of a company
{%- set score = cast_text({'name': 'overall_score_account_gc', 'data_type': 'decimal'}) %}
with exported as (
    select * from {{ ref('base_gainsight__account_scorecard_history') }}
),

final as (
    select
        account_id_gc as account_id,
        scorecard_id_gc as scorecard_id,
        snapshot_date_gc as snapshot_date,
        time_granularity_gc as granularity,
        case when {{ score }} between 0 and 100 then {{ score }} end as overall_score,
        tam_sentiment as pulse_raw,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'
)

select * from final
