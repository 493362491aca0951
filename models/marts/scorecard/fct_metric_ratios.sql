-- grain: one metric that is a ratio of sums or an amount, period, dimension and member
with final as (
    {%- for model in (
        'fct_window_ratios',
        'fct_balance_ratios',
        'fct_flow_ratios',
        'fct_license_ratios',
        'fct_adoption_ratios',
        'fct_adoption_window_ratios',
        'fct_feature_ratios',
        'fct_engagement_ratios',
        'fct_engagement_flow_ratios',
        'fct_case_ratios',
        'fct_support_ratios',
        'fct_session_ratios',
        'fct_demand_ratios',
        'fct_cause_ratios',
        'fct_self_service_window_ratios',
        'fct_time_ratios',
        'fct_proficiency_ratios',
        'fct_learning_event_ratios',
        'fct_skill_requirement_ratios',
        'fct_learning_cost_ratios',
        'fct_health_ratios',
        'fct_survey_ratios',
        'fct_rating_ratios',
        'fct_survey_response_ratios',
        'fct_recovery_ratios',
        'fct_expected_loss_ratios',
        'fct_renewal_ratios',
        'fct_engagement_model_ratios',
        'fct_relationship_margin_ratios',
        'fct_engagement_window_ratios',
        'fct_case_contact_ratios',
        'fct_contact_calendar_ratios',
        'fct_case_cost_ratios',
        'fct_customer_cost_ratios',
        'fct_defect_period_ratios',
        'fct_contact_ratios',
        'fct_open_defect_ratios',
        'fct_release_ratios',
        'fct_topic_ratios',
        'fct_article_review_ratios',
    ) %}
    select * from {{ ref(model) }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}
)

select * from final
