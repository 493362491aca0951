-- grain: one segment of a charge in the current version of a Zuora contract, before pauses
{{ config(enabled='zuora' in var('systems')) }}

with charges as (
    select * from {{ ref('stg_zuora__rate_plan_charge') }} where not is_deleted
),

rate_plans as (
    select * from {{ ref('stg_zuora__rate_plan') }}
),

-- Older versions repeat the charges of the contract: counted too, they would multiply its revenue.
current_versions as (
    select * from {{ ref('int_contract_versions__zuora') }} where is_current
),

endings as (
    select * from {{ ref('int_contract_endings__zuora') }}
),

accounts as (
    select * from {{ ref('stg_zuora__account') }}
),

amendments as (
    select * from {{ ref('stg_zuora__amendment') }}
),

priced as (
    select
        charges.*,
        current_versions.contract_key,
        current_versions.renewal_of_contract_key,
        current_versions.account_key,
        current_versions.is_draft,
        current_versions.term_start_date,
        current_versions.term_end_date,
        coalesce(charges.product_id, rate_plans.product_id) as charged_product_id,
        coalesce(charges.currency, accounts.currency) as charged_currency,
        coalesce(rate_plans.amendment_type = 'removeproduct', false) as is_plan_removed,
        {{ earliest_of(['amendments.contract_effective_date', 'amendments.booking_date', 'amendments.recorded_date']) }}
            as removal_known_date,
        coalesce(charges.charge_model like 'discount%', false) as is_discount,
        -- A commitment is owed whatever the use is: prepaid units, a commitment type, or a charge model that says so.
        coalesce(charges.is_prepaid or charges.commitment_type is not null or charges.charge_model like '%commit%', false) as is_commitment,
        -- Recorded ends are exclusive (see the source). Without one the charge is open-ended, unless its contract is over.
        case
            when charges.effective_end_date is null then endings.contract_end_date
            when endings.latest_end_date < charges.effective_end_date then endings.latest_end_date
            else charges.effective_end_date
        end as charge_end_date
    from charges
    left join rate_plans on charges.rate_plan_id = rate_plans.rate_plan_id
    inner join current_versions on coalesce(charges.subscription_id, rate_plans.subscription_id) = current_versions.subscription_id
    left join endings on current_versions.contract_key = endings.contract_key
    left join accounts on current_versions.account_id = accounts.account_id
    left join amendments on rate_plans.amendment_id = amendments.amendment_id
),

-- Start of the next stretch of the same charge: a segment is over where its successor begins. Segments without a single day succeed nobody.
followed as (
    select
        *,
        min(case when charge_end_date is null or effective_start_date < charge_end_date then effective_start_date end) over (
            partition by contract_key, coalesce(charge_number, original_charge_id, rate_plan_charge_id)
            order by effective_start_date asc nulls last, segment_number asc nulls last, rate_plan_charge_id asc nulls last
            rows between 1 following and unbounded following
        ) as next_start_date
    from priced
),

ended as (
    select
        *,
        case
            when next_start_date is null then charge_end_date
            when charge_end_date is null or next_start_date < charge_end_date then next_start_date
            else charge_end_date
        end as end_date
    from followed
),

final as (
    select
        ended.rate_plan_charge_id,
        ended.rate_plan_id,
        ended.contract_key,
        ended.renewal_of_contract_key,
        ended.account_key,
        'zuora:' || ended.charged_product_id as product_key,
        ended.effective_start_date as start_date,
        ended.end_date,
        ended.term_start_date,
        ended.term_end_date,
        ended.quantity,
        ended.unit_of_measure,
        ended.mrr_amount,
        ended.charged_currency as currency,
        -- nochange is a promise of 0; prices that follow the catalogue are not known before the renewal.
        case
            when ended.price_change_option = 'nochange' then cast(0 as decimal(18, 6))
            when ended.price_change_option = 'specificpercentagevalue' then ended.price_increase_rate
            when ended.price_change_option is null and ended.price_increase_rate <> 0 then ended.price_increase_rate
        end as escalator_rate,
        ended.is_commitment and ended.charge_type in ('recurring', 'usage') as is_usage_commitment,
        ended.is_discount,
        ended.discount_level,
        ended.discounted_charge_types,
        ended.billing_period,
        ended.specific_billing_period_count,
        ended.end_date_condition,
        ended.charge_number,
        coalesce(endings.is_contract_cancelled, false) as is_contract_cancelled,
        endings.contract_end_date,
        endings.cancellation_known_date,
        -- First recorded cause of the end of this very segment; an end for which there is none is a lapse.
        case
            when endings.is_contract_cancelled and ended.end_date >= endings.contract_end_date then 'cancellation'
            when ended.end_date >= endings.cancellation_date then 'cancellation'
            when ended.is_plan_removed and ended.end_date is not null and ended.next_start_date is null then 'removal'
            when ended.end_date >= endings.not_renewed_date then 'non_renewal'
        end as ending_cause,
        ended.removal_known_date,
        endings.renewal_off_known_date,
        case
            when ended.is_draft then 'draft'
            when ended.charge_type = 'onetime' then 'one_time'
            when ended.charge_type = 'usage' and not ended.is_commitment then 'usage'
            -- Its effect is in int_contract_discounts; a discount with an amount per month of its own counts as a negative line instead.
            when ended.is_discount and coalesce(ended.mrr_amount, 0) = 0 then 'discount'
            when ended.effective_start_date is null then 'incomplete'
            when ended.mrr_amount is null then 'no_amount'
        end as exclusion_reason,
        ended.recorded_date
    from ended
    left join endings on ended.contract_key = endings.contract_key
)

select * from final
