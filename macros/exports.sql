{#
    The exports of every system: [(system, table), …] of the enabled ones, sorted.
    dbt must know all refs before it reads the sources' YAML, hence this list; a test holds it to the YAML.
#}
{% macro enabled_exports() %}
{%- set exports = {
    'gainsight': [
        'account_scorecard_history', 'activity_timeline', 'call_to_action', 'company', 'cs_task', 'csat_survey_response',
        'nps_survey_response', 'success_plan',
    ],
    'jira': [
        'component', 'issue', 'issue_field_history', 'issue_link', 'issue_multiselect_history', 'issue_type', 'project', 'resolution', 'status',
        'version',
    ],
    'kantata': ['project_budget', 'project_details', 'revenue_by_user'],
    'pendo': [
        'account_history', 'application_history', 'event', 'feature_event', 'feature_history', 'group', 'guide_event',
        'visitor_account_history', 'visitor_history',
    ],
    'qualtrics': [
        'distribution', 'distribution_contact', 'question', 'question_response', 'survey', 'survey_embedded_data', 'survey_response',
    ],
    'ravenstack': ['accounts', 'churn_events', 'feature_usage', 'subscriptions', 'support_tickets'],
    'salesforce': [
        'account', 'contract', 'event', 'opportunity', 'opportunity_history', 'opportunity_line_item', 'order', 'process_instance',
        'product_2', 'sbaa_approval_c', 'sbqq_quote_c', 'sbqq_quoteline_c', 'task', 'user',
    ],
    'skilljar': ['published_course_enrollment', 'user'],
    'stripe': [
        'coupon', 'credit_note', 'customer', 'discount', 'invoice', 'invoice_line_item', 'plan', 'price', 'product',
        'subscription_discount', 'subscription_history', 'subscription_item',
    ],
    'templates': [
        'activity_records', 'article_reviews', 'bookings', 'case_articles', 'case_defects', 'catalog_views', 'cause_fixes',
        'certificates', 'contract_discounts', 'contract_lines', 'customer_actions', 'customer_benefits', 'customer_investments',
        'customer_needs', 'customer_versions', 'customers', 'deal_needs', 'engagements', 'exchange_rates', 'invoice_lines',
        'labour_rates', 'learning_steps', 'licence_assignments', 'loss_reasons', 'objective_measurements', 'offer_attributes',
        'offer_reviews', 'opportunities', 'opportunity_lines', 'opportunity_stages', 'portfolio_goals', 'portfolio_managers',
        'practice_assessments', 'product_events', 'product_features', 'product_usage', 'products', 'quote_approvals', 'quote_lines', 'quotes', 'rep_modules',
        'rep_quotas', 'rep_tests', 'reps', 'risk_records', 'sales_policies', 'sales_resource_uses', 'self_service_sessions',
        'service_costs', 'service_deliveries', 'service_offers', 'service_projects', 'skill_assessments',
        'skill_requirements', 'success_objectives', 'success_plans', 'survey_invitations', 'survey_responses', 'time_entries',
        'training_completions',
    ],
    'thought_industries': [
        'assessment_attempts', 'code_redemptions', 'content', 'course_actions', 'course_completions', 'course_purchases',
        'learning_path_actions', 'users',
    ],
    'zendesk': [
        'article', 'organization', 'satisfaction_rating', 'ticket', 'ticket_comment', 'ticket_field_history', 'ticket_metric', 'ticket_tag',
        'user', 'vote',
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

{#
    How a record of an export leads to an account: through a column of its own, or through a column that holds the id of another export's
    record. Exports that concern no account in particular, such as products, are not listed.
#}
{% macro account_path(system, table_name) %}
{{ return({
    'gainsight': {
        'company': ['gsid'], 'activity_timeline': ['gs_company_id'], 'call_to_action': ['company_id'],
        'cs_task': ['company_id'],
        'nps_survey_response': ['company_id'], 'csat_survey_response': ['company_id'], 'success_plan': ['company_id'],
    },
    'jira': {},
    'kantata': {
        'project_details': ['account'], 'project_budget': ['project_id', 'project_details', 'account'],
        'revenue_by_user': ['project_id', 'project_details', 'account'],
    },
    'pendo': {
        'account_history': ['id'], 'event': ['account_id'], 'feature_event': ['account_id'], 'guide_event': ['account_id'],
        'visitor_account_history': ['account_id'], 'visitor_history': ['account_id'],
    },
    'qualtrics': {},
    'ravenstack': {
        'accounts': ['account_id'], 'churn_events': ['account_id'], 'subscriptions': ['account_id'], 'support_tickets': ['account_id'],
    },
    'salesforce': {
        'account': ['id'], 'contract': ['account_id'], 'opportunity': ['account_id'], 'order': ['account_id'],
        'opportunity_line_item': ['opportunity_id', 'opportunity', 'account_id'], 'task': ['account_id'], 'event': ['account_id'],
        'opportunity_history': ['opportunity_id', 'opportunity', 'account_id'],
    },
    'skilljar': {
        'user': ['account_id'], 'published_course_enrollment': ['user_id', 'user', 'account_id'],
    },
    'stripe': {
        'customer': ['id'], 'subscription_history': ['customer_id'], 'invoice': ['customer_id'], 'discount': ['customer_id'],
        'subscription_discount': ['customer_id'], 'subscription_item': ['subscription_id', 'subscription_history', 'customer_id'],
        'invoice_line_item': ['invoice_id', 'invoice', 'customer_id'], 'credit_note': ['invoice_id', 'invoice', 'customer_id'],
    },
    'templates': {
        'customer_needs': ['account_id'], 'customer_versions': ['account_id'],
        'customers': ['account_id'], 'contract_lines': ['account_id'], 'contract_discounts': ['account_id'],
        'invoice_lines': ['account_id'], 'loss_reasons': ['account_id'], 'opportunities': ['account_id'], 'product_usage': ['account_id'],
        'product_events': ['account_id'], 'licence_assignments': ['account_id'],
        'self_service_sessions': ['account_id'],
        'engagements': ['account_id'], 'survey_responses': ['account_id'], 'survey_invitations': ['account_id'],
        'risk_records': ['account_id'], 'customer_actions': ['account_id'], 'activity_records': ['account_id'],
        'customer_benefits': ['account_id'], 'customer_investments': ['account_id'],
        'success_plans': ['account_id'], 'success_objectives': ['plan_id', 'success_plans', 'account_id'],
        'training_completions': ['account_id'], 'skill_assessments': ['account_id'], 'certificates': ['account_id'],
        'learning_steps': ['account_id'], 'quotes': ['account_id'], 'bookings': ['account_id'],
        'quote_lines': ['quote_id', 'quotes', 'account_id'], 'quote_approvals': ['quote_id', 'quotes', 'account_id'],
        'sales_resource_uses': ['opportunity_id', 'opportunities', 'account_id'],
        'deal_needs': ['opportunity_id', 'opportunities', 'account_id'],
        'opportunity_stages': ['opportunity_id', 'opportunities', 'account_id'], 'service_deliveries': ['account_id'],
        'service_projects': ['account_id'],
    },
    'thought_industries': {
        'users': ['sf_account_id'], 'course_actions': ['user_detail_id', 'users', 'sf_account_id'],
        'course_completions': ['user_detail_id', 'users', 'sf_account_id'],
        'learning_path_actions': ['user_detail_id', 'users', 'sf_account_id'], 'assessment_attempts': ['user_id', 'users', 'sf_account_id'],
    },
    'zendesk': {
        'organization': ['id'], 'ticket': ['organization_id'], 'user': ['organization_id'],
        'satisfaction_rating': ['ticket_id', 'ticket', 'organization_id'], 'ticket_comment': ['ticket_id', 'ticket', 'organization_id'],
        'ticket_field_history': ['ticket_id', 'ticket', 'organization_id'], 'ticket_metric': ['ticket_id', 'ticket', 'organization_id'],
        'ticket_tag': ['ticket_id', 'ticket', 'organization_id'],
    },
    'zuora': {
        'account': ['id'], 'subscription': ['account_id'], 'invoice': ['account_id'], 'invoice_item': ['account_id'],
        'credit_memo': ['account_id'], 'credit_memo_item': ['credit_memo_id', 'credit_memo', 'account_id'],
        'rate_plan': ['subscription_id', 'subscription', 'account_id'],
        'rate_plan_charge': ['subscription_id', 'subscription', 'account_id'],
        'amendment': ['subscription_id', 'subscription', 'account_id'],
    },
}[system].get(table_name)) }}
{% endmacro %}

{# Exports that concern all customers. #}
{% macro is_shared_export(table_name) %}
{{ return(table_name in [
    'application_history', 'coupon', 'exchange_rates', 'feature_history', 'group', 'plan', 'price', 'product', 'product_2', 'product_features',
    'products',
]) }}
{% endmacro %}
