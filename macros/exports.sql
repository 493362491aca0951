{#
    The exports of every system: [(system, table), …] of the enabled ones, sorted.
    dbt must know all refs before it reads the sources' YAML, hence this list; a test holds it to the YAML.
#}
{% macro enabled_exports() %}
{%- set exports = {
    'ravenstack': ['accounts', 'churn_events', 'feature_usage', 'subscriptions', 'support_tickets'],
    'salesforce': ['account', 'contract', 'opportunity', 'opportunity_line_item', 'order', 'product_2', 'user'],
    'stripe': [
        'coupon', 'credit_note', 'customer', 'discount', 'invoice', 'invoice_line_item', 'plan', 'price', 'product',
        'subscription_discount', 'subscription_history', 'subscription_item',
    ],
    'templates': [
        'contract_discounts', 'contract_lines', 'customers', 'exchange_rates', 'invoice_lines', 'loss_reasons', 'opportunities',
        'product_usage', 'products',
    ],
    'zuora': [
        'account', 'amendment', 'credit_memo', 'credit_memo_item', 'invoice', 'invoice_item', 'product', 'rate_plan', 'rate_plan_charge',
        'rate_plan_charge_tier', 'subscription',
    ],
} -%}
{%- set enabled = [] -%}
{%- for system in exports if system in var('systems') -%}
    {%- for table_name in exports[system] -%}
        {%- do enabled.append((system, table_name)) -%}
    {%- endfor -%}
{%- endfor -%}
{{ return(enabled) }}
{% endmacro %}
