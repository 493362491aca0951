-- grain: one RavenStack subscription
{{ config(enabled='ravenstack' in var('systems'), materialized='view') }}

with subscriptions as (
    select * from {{ ref('stg_ravenstack__subscriptions') }}
),

final as (
    select
        'ravenstack:' || subscription_id as contract_line_id,
        'ravenstack' as system,
        'ravenstack:' || account_id as account_key,
        'ravenstack:' || subscription_id as contract_key,
        cast(null as {{ dbt.type_string() }}) as renewal_of_contract_key,
        'ravenstack:' || plan_tier as product_key,
        'subscription' as line_type,
        'subscription' as licence_model,
        start_date,
        end_date,
        -- Only a billing frequency is exported, no term: the contracts run until they end.
        cast(null as date) as term_start_date,
        cast(null as date) as term_end_date,
        cast(seat_count as decimal(18, 6)) as quantity,
        'seat' as unit_of_measure,
        {{ round_amount('mrr_amount') }} as mrr_amount,
        'USD' as currency,
        cast(null as decimal(18, 6)) as escalator_rate,
        false as is_usage_commitment,
        -- Churn events carry a date too, but fall on no subscription's end: they say nothing on when this one was given notice.
        cast(null as date) as cancel_requested_date,
        -- The company marks the end itself as churn, so nobody waits for a late renewal. auto_renew_flag is a setting, not a decision.
        is_marked_churned and end_date is not null as is_cancelled,
        false as is_paused_at_end,
        cast(null as date) as past_due_from_date,
        case
            when is_trial then 'trial'
            when start_date is null then 'incomplete'
            when mrr_amount is null then 'no_amount'
        end as exclusion_reason,
        recorded_date
    from subscriptions
)

select * from final
