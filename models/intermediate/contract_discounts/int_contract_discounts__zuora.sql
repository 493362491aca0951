-- grain: one Zuora discount charge, by contract line where it applies to one rate plan
{{ config(enabled='zuora' in var('systems'), materialized='view') }}

with segments as (
    select * from {{ ref('int_contract_segments__zuora') }}
),

stretches as (
    select * from {{ ref('int_contract_stretches__zuora') }} where exclusion_reason is null
),

tiers as (
    select
        rate_plan_charge_id,
        max(discount_rate) as discount_rate,
        max(discount_amount) as discount_amount
    from {{ ref('stg_zuora__rate_plan_charge_tier') }}
    where not is_deleted
    group by rate_plan_charge_id
),

-- Discounts on one-time and usage charges alone leave recurring revenue as it is.
discounts as (
    select
        segments.*,
        case when coalesce(tiers.discount_rate, 0) <> 0 then tiers.discount_rate end as percent_off,
        case when coalesce(tiers.discount_rate, 0) = 0 then tiers.discount_amount end as amount_off,
        case
            when segments.billing_period in ('month', 'specific months') then 'month'
            when segments.billing_period in ('week', 'specific weeks') then 'week'
            when segments.billing_period = 'quarter' then 'quarter'
            when segments.billing_period = 'semi-annual' then 'semi_annual'
            when segments.billing_period in ('annual', 'two years', 'three years', 'five years') then 'annual'
        end as billing_interval,
        case
            when segments.billing_period in ('specific months', 'specific weeks') then segments.specific_billing_period_count
            when segments.billing_period = 'two years' then 2
            when segments.billing_period = 'three years' then 3
            when segments.billing_period = 'five years' then 5
            else 1
        end as billing_interval_count
    from segments
    inner join tiers on segments.rate_plan_charge_id = tiers.rate_plan_charge_id
    where
        segments.exclusion_reason = 'discount'
        and (segments.discounted_charge_types is null or segments.discounted_charge_types like '%RECURRING%')
        and (coalesce(tiers.discount_rate, 0) <> 0 or coalesce(tiers.discount_amount, 0) <> 0)
),

-- Zuora's order: percentages before amounts, rate plan before subscription before account, then by charge number.
ordered as (
    select
        *,
        row_number() over (
            partition by account_key
            order by
                case when percent_off is not null then 1 else 2 end asc nulls last,
                case discount_level when 'rateplan' then 1 when 'account' then 3 else 2 end asc nulls last,
                charge_number asc nulls last,
                rate_plan_charge_id asc nulls last
        ) as sequence_number
    from discounts
),

-- A percentage off one rate plan goes to each of its lines; an amount goes to the contract once, since its lines share it.
final as (
    select
        case
            when stretches.contract_line_id is not null
                then 'zuora:' || ordered.rate_plan_charge_id || ':' || stretches.contract_line_id
            else 'zuora:' || ordered.rate_plan_charge_id
        end as discount_id,
        'zuora' as system,
        ordered.account_key,
        case when coalesce(ordered.discount_level, 'subscription') <> 'account' then ordered.contract_key end as contract_key,
        stretches.contract_line_id,
        ordered.percent_off,
        ordered.amount_off,
        ordered.currency,
        cast(
            case
                when ordered.billing_period = 'subscription term' then {{ term_months('ordered.term_start_date', 'ordered.term_end_date') }}
                else {{ interval_months('ordered.billing_interval', 'ordered.billing_interval_count') }}
            end as decimal(18, 6)
        ) as invoice_months,
        -- A discount that ends with its contract lasts as long as what it discounts.
        case
            when ordered.end_date is null or ordered.end_date_condition = 'subscriptionend' then 'forever'
            else 'repeating'
        end as duration,
        ordered.start_date,
        ordered.end_date,
        cast(ordered.sequence_number as integer) as sequence_number,
        ordered.recorded_date
    from ordered
    left join stretches
        on
            ordered.rate_plan_id = stretches.rate_plan_id
            and ordered.discount_level = 'rateplan'
            and ordered.percent_off is not null
    where
        stretches.contract_line_id is not null
        or ordered.percent_off is null
        or coalesce(ordered.discount_level, 'subscription') <> 'rateplan'
)

select * from final
