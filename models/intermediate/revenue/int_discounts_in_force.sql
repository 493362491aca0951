-- grain: one discount of one contract that the policy lets reduce recurring revenue
-- noqa: disable=LT02
with recurring_lines as (
    select * from {{ ref('int_recurring_lines') }}
),

discounts as (
    select *
    from {{ ref('int_contract_discounts') }}
    where
        {% if var('discount_treatment') == 'none' %}
        1 = 0
        {% elif var('discount_treatment') == 'forever_only' %}
        duration = 'forever'
        {% elif var('discount_treatment') == 'exclude_once' %}
        coalesce(duration, 'repeating') <> 'once'
        {% else %}
        1 = 1
        {% endif %}
),

contracts as (
    select distinct account_key, contract_key from recurring_lines where contract_key is not null
),

-- A discount of the account hits every contract of it.
final as (
    select
        contracts.contract_key,
        discounts.discount_id,
        discounts.contract_line_id,
        discounts.percent_off,
        discounts.amount_off,
        discounts.currency,
        discounts.invoice_months,
        discounts.start_date,
        discounts.end_date,
        discounts.sequence_number
    from discounts
    inner join contracts
        on
            discounts.account_key = contracts.account_key
            and (discounts.contract_key is null or discounts.contract_key = contracts.contract_key)
)

select * from final
