-- grain: one Zuora contract with a recorded reason for its end
{{ config(enabled='zuora' in var('systems'), materialized='view') }}

with current_versions as (
    select * from {{ ref('int_contract_versions__zuora') }} where is_current and not is_draft
),

endings as (
    select * from {{ ref('int_contract_endings__zuora') }}
),

final as (
    select
        current_versions.contract_key || ':cancel' as loss_reason_id,
        'zuora' as system,
        current_versions.account_key,
        current_versions.contract_key,
        -- The day on which the loss takes effect, which is the day that churn is dated to.
        coalesce(endings.contract_end_date, endings.cancellation_date, current_versions.cancelled_date, current_versions.updated_date)
            as reason_date,
        'billing_cancel' as reason_source,
        current_versions.cancel_reason_key as reason_key,
        current_versions.recorded_date
    from current_versions
    inner join endings on current_versions.contract_key = endings.contract_key
    where current_versions.cancel_reason_key is not null
)

select * from final
