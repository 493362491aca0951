-- grain: one contract line and price segment of the templates
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with lines as (

    select * from {{ ref('stg_templates__contract_lines') }}

),

products as (

    select * from {{ ref('int_products__templates') }}

),

described as (

    select
        lines.*,
        case
            when lines.line_type in ('subscription', 'maintenance', 'support', 'success') then lines.line_type
            when lines.line_type is null and products.offer_type in ('maintenance', 'support', 'success') then products.offer_type
            else 'subscription'
        end as known_line_type,
        case
            when lines.licence_model in ('subscription', 'perpetual') then lines.licence_model
            else coalesce(products.licence_model, 'subscription')
        end as known_licence_model,
        coalesce(lines.unit_of_measure, products.unit_of_measure) as known_unit_of_measure,
        {{ interval_months('lines.billing_interval', 'lines.billing_interval_count') }} as interval_months,
        case
            when lines.end_date > lines.start_date then {{ term_months('lines.start_date', 'lines.end_date') }}
        end as line_months
    from lines
    left join products
        on lines.product_id = products.product_id

),

priced as (

    select
        *,
        case
            when mrr_amount is not null then {{ round_amount('mrr_amount') }}
            when recurring_amount is not null then {{ round_amount('recurring_amount / nullif(interval_months, 0)') }}
            else {{ round_amount('total_amount / line_months') }}
        end as monthly_amount
    from described

),

final as (

    select
        'templates:' || contract_line_id as contract_line_id,
        'templates' as system,
        'templates:' || account_id as account_key,
        -- a line without a contract is a contract of its own, so that it can come due and be renewed
        'templates:' || coalesce(contract_id, contract_line_id) as contract_key,
        'templates:' || renewal_of_contract_id as renewal_of_contract_key,
        'templates:' || product_id as product_key,
        known_line_type as line_type,
        known_licence_model as licence_model,
        start_date,
        end_date,
        coalesce(term_start_date, start_date) as term_start_date,
        coalesce(term_end_date, end_date) as term_end_date,
        quantity,
        known_unit_of_measure as unit_of_measure,
        monthly_amount as mrr_amount,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        escalator_rate,
        coalesce(is_usage_commitment, false) as is_usage_commitment,
        cancel_requested_date,
        coalesce(is_cancelled, cancel_requested_date is not null) as is_cancelled,
        coalesce(is_paused_at_end, false) as is_paused_at_end,
        past_due_from_date,
        case
            when exclusion_reason in ('trial', 'draft', 'incomplete', 'usage', 'test_mode', 'deleted', 'one_time') then exclusion_reason
            -- words of one's own may be anything: they stay in staging
            when exclusion_reason is not null then 'other'
            when is_trial then 'trial'
            when line_type not in ('subscription', 'maintenance', 'support', 'success') then 'unknown_line_type'
            -- a perpetual licence is sold once; only the service on it recurs
            when known_line_type = 'subscription' and known_licence_model = 'perpetual' then 'one_time'
            when monthly_amount is null then 'no_amount'
        end as exclusion_reason,
        recorded_date
    from priced

)

select * from final
