-- grain: one segment of a Zuora charge between two pauses
{{ config(enabled='zuora' in var('systems'), materialized='view') }}

with stretches as (
    select * from {{ ref('int_contract_stretches__zuora') }}
),

products as (
    select * from {{ ref('int_products__zuora') }}
),

final as (
    select
        stretches.contract_line_id,
        'zuora' as system,
        stretches.account_key,
        stretches.contract_key,
        stretches.renewal_of_contract_key,
        stretches.product_key,
        case
            when products.offer_type in ('maintenance', 'support', 'success') then products.offer_type
            -- What recurs on a perpetual licence is its maintenance.
            when products.offer_type = 'product' and products.licence_model = 'perpetual' then 'maintenance'
            else 'subscription'
        end as line_type,
        coalesce(products.licence_model, 'subscription') as licence_model,
        stretches.line_start_date as start_date,
        stretches.line_end_date as end_date,
        stretches.term_start_date,
        stretches.term_end_date,
        stretches.quantity,
        stretches.unit_of_measure,
        {{ round_amount('stretches.mrr_amount') }} as mrr_amount,
        stretches.currency,
        stretches.escalator_rate,
        coalesce(stretches.is_usage_commitment, false) as is_usage_commitment,
        stretches.ending_known_date as cancel_requested_date,
        stretches.line_ending_cause is not null as is_cancelled,
        stretches.is_paused_at_end,
        -- Zuora keeps no past due state of a subscription.
        cast(null as date) as past_due_from_date,
        stretches.exclusion_reason,
        stretches.recorded_date
    from stretches
    left join products on stretches.product_key = products.product_key
)

select * from final
