{#
    The vars that change numbers, with the meaning of the value in force. Their hash travels with every metric value, so that two
    numbers made under different policies are never compared unawares.
#}
{% macro policy_vars() %}
{{ return({
    'reporting_timezone': 'Time zone in which a day ends.',
    'reporting_currency': 'Currency of all amounts.',
    'fx_mode': 'constant: all history at one rate set, so that currency is no movement. as_reported: the bridge uses month-end rates and shows the currency effect; ratios stay constant.',
    'fx_rate_date': 'Day of the constant rates; none = first day of the fiscal year of as_of_date.',
    'fiscal_year_start_month': 'First month of the fiscal year.',
    'history_start_month': 'Month from which the exports are complete; none = they reach back to the first customer.',
    'customer_grain': 'ultimate_parent: subsidiaries count with their parent. account: each account is a customer; merges are still followed.',
    'retention_windows_months': 'Windows that are published, in months: 1 month, 3 quarter, 12 year and trailing twelve months.',
    'headline_window_months': 'Window of the headlines of retention, in months.',
    'renewal_grace_days': 'Days after an end within which a renewal bridges the gap.',
    'churn_recognition': 'service_end: churn on the first day without service. cancellation_request: on the day of the request, if earlier.',
    'past_due_is_active': 'Whether past-due subscriptions count as recurring revenue.',
    'discount_treatment': 'exclude_once: discounts in force reduce recurring revenue, one-off ones do not. forever_only, all, none.',
    'usage_revenue': 'commit_only: minimum commitments count. t3m_avg: the mean of the last three months of usage invoices. exclude: neither.',
    'week_factor': 'Weeks in a month.',
    'day_factor': 'Days in a month.',
    'nrr_include_reactivation': 'Whether net revenue retention counts customers that came back.',
    'nrr_revenue_basis': 'recurring: recurring revenue. all_revenue_t12m: all invoices of twelve months.',
    'nrr_exclude_contracted_uplift': 'Whether contracted uplifts are taken out of net revenue retention.',
    'grr_grain': 'customer or customer_product: where the smaller of opening and closing is taken.',
    'price_increase_is_expansion': 'Whether price increases count in net revenue retention.',
    'perpetual_activity_window_months': 'Months for which a purchase keeps a perpetual customer active.',
    'adoption_window_days': 'Days within which use makes a user active.',
    'adoption_ramp_days': 'Days for which a new customer has no adoption band.',
    'cap_overage': 'Whether licences in use count up to those sold only, for each customer and product.',
    'advanced_min_features': 'Advanced features a user has to use to be an advanced user.',
    'advanced_min_events': 'Uses of advanced features an advanced user has at least.',
    'engagement_window_days': 'Days within which an engagement makes a customer engaged.',
    'silent_days': 'Days without an engagement after which a customer is silent.',
    'defect_basis': 'confirmed: a case is what it turned out to be. reported: what was first given as its reason.',
    'include_engineering_cost': 'Whether the cost of defects has the time of Development, too.',
    'recurring_issue_min_cases': 'Cases of a cause in twelve months that make the next one recurring.',
    'attach_window_days': 'Days after a sale of products in which a service is attached to it.',
    'count_bundled_as_attached': 'Whether services that come with the product at no price count as attached.',
    'winback_pool_months': 'Months for which a lapsed service contract may be won back.',
    'perception_positive_min': 'Answers of 1 to 5 from here on are a positive impact.',
    'perception_negative_max': 'Answers of 1 to 5 up to here are no impact or a negative one.',
    'survey_window_months': 'Months for which an answer counts.',
    'objective_clamp': 'Whether an objective is reached between 0 and 1 only, also where it is overfulfilled or has gone backwards.',
    'success_plan_denominator': 'all: the realization of a success plan counts all its objectives. due_to_date: those due by then.',
    'roi_discount_rate': 'Interest a year at which benefits and investments of customers are discounted.',
    'roi_horizon_months': 'Months from the first investment of a customer over which its return is looked at.',
    'roi_require_customer_verified': 'Whether only benefits that the customer has verified count in its return.',
    'health_red_below': 'A health score below is red.',
    'health_green_from': 'A health score from here on is green.',
    'health_min_weight': 'Share of the weights that has to be known for a health score.',
    'usage_drop_pct': 'Fall of licence adoption within three months that is a risk.',
    'reducing_severity': 'Share of its revenue that a customer at risk of spending less loses.',
    'correlation_min_n': 'Customers a correlation needs.',
    'corr_health_excludes_engagement': 'Whether health is correlated with engagement without its engagement part.',
    'category_practised_min_share': 'Share of the customers due that has to be covered for a category of activities to be practised.',
    'intervention_sla_days': 'Days within which an early warning has to be answered.',
    'influence_window_days': 'Days before a won sale within which a service used has a hand in it.',
    'effect_min_n': 'Treated customers, and controls, an effect needs.',
    'proficiency_pass_score': 'Score of 100 from which on an assessment shows proficiency.',
    'proficiency_valid_months': 'Months for which an assessment counts.',
    'proficient_user_share_min': 'Share of proficient users, of those active, that makes a customer proficient.',
    'min_denominator': 'Rates on fewer things than this are not shown.',
    'min_coverage': 'Rates on a smaller known share than this are marked low coverage.',
}) }}
{% endmacro %}

{% macro policy_text() -%}
{%- set parts = [] -%}
{%- for name in policy_vars() | sort -%}{%- do parts.append(name ~ '=' ~ var(name)) -%}{%- endfor -%}
{{ return(parts | join('; ')) }}
{%- endmacro %}
