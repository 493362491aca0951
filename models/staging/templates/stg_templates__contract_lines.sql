-- grain: one contract line and price segment
with exported as (

    select * from {{ ref('base_templates__contract_lines') }}

),

final as (

    select
        contract_line_id,
        account_id,
        contract_id,
        renewal_of_contract_id,
        product_id,
        lower(replace(replace(line_type, ' ', '_'), '-', '_')) as line_type,
        lower(replace(replace(licence_model, ' ', '_'), '-', '_')) as licence_model,
        start_date,
        coalesce(end_date, {{ add_days('last_day', 1) }}) as end_date,
        term_start_date,
        coalesce(term_end_date, {{ add_days('term_last_day', 1) }}) as term_end_date,
        quantity,
        unit_of_measure,
        mrr_amount,
        recurring_amount,
        case lower(replace(replace(billing_interval, ' ', '_'), '-', '_'))
            when 'yearly' then 'year'
            when 'annually' then 'year'
            when 'annual' then 'year'
            when 'quarterly' then 'quarter'
            when 'monthly' then 'month'
            when 'weekly' then 'week'
            when 'daily' then 'day'
            else lower(replace(replace(billing_interval, ' ', '_'), '-', '_'))
        end as billing_interval,
        billing_interval_count,
        total_amount,
        upper(currency) as currency,
        escalator_rate,
        is_usage_commitment,
        cancel_requested_date,
        is_cancelled,
        is_paused_at_end,
        past_due_from_date,
        is_trial,
        lower(replace(replace(exclusion_reason, ' ', '_'), '-', '_')) as exclusion_reason,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
