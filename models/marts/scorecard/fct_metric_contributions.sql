{{ config(materialized='view' if target.type == 'duckdb' else 'ephemeral', contract={'enforced': target.type == 'duckdb'}) }}
-- grain: one metric, period and subject
-- noqa: disable=LT02
{#-
    A long view of the wide facts: nothing is stored twice. Its text is longer than Hive's catalogue keeps of a view, so on Spark there
    is none; readers get it published all the same.
#}
with periods as (
    select * from {{ ref('dim_periods') }} where is_opening_known
),

{#- Facts of month-ends, each the last day of a period. -#}
{% for name, fact in (
    ('activity_months', 'fct_activity_months'),
    ('adoption_months', 'fct_adoption_months'),
    ('contact_months', 'fct_contact_months'),
    ('customer_months', 'fct_customer_months'),
    ('engagement_months', 'fct_engagement_months'),
    ('expected_losses', 'fct_expected_losses'),
    ('feature_months', 'fct_feature_months'),
    ('health_months', 'fct_health_months'),
    ('open_defects', 'fct_open_defects'),
    ('portfolio_managers', 'fct_portfolio_manager_months'),
    ('portfolio_offers', 'fct_portfolio_offer_months'),
    ('portfolio_silos', 'fct_portfolio_silo_months'),
    ('portfolio_whitespace', 'fct_portfolio_whitespace_months'),
    ('proficiency_months', 'fct_proficiency_months'),
    ('implementation_costs', 'fct_implementation_costs'),
    ('risk_recoveries', 'fct_risk_recoveries'),
    ('roi_months', 'fct_customer_roi'),
    ('service_months', 'fct_service_months'),
    ('skill_requirements', 'fct_skill_requirement_months'),
    ('success_health_months', 'fct_success_health_months'),
    ('success_months', 'fct_success_months'),
    ('success_plans', 'fct_success_plans'),
    ('success_recoveries', 'fct_success_recoveries'),
    ('survey_months', 'fct_survey_months'),
    ('value_touch_months', 'fct_value_touch_months'),
    ('customer_needs', 'fct_customer_need_months'),
    ('offer_months', 'fct_offer_months'),
    ('offer_regions', 'fct_offer_region_months'),
    ('rep_months', 'fct_rep_months'),
    ('rep_topics', 'fct_rep_topic_months'),
    ('support_prices', 'fct_support_price_months'),
    ('value_months', 'fct_value_months'),
) %}
{{ name }} as (
    select facts.*, periods.period_grain, periods.period_end
    from {{ ref(fact) }} as facts
    inner join {{ ref('dim_periods') }} as periods on facts.month_end = periods.period_end and periods.period_grain <> 't12m'
),
{% endfor %}
{#- Facts of what happened in a month, which counts in every period that the month lies in. -#}
{% for name, fact in (
    ('article_reviews', 'fct_article_reviews'),
    ('case_costs', 'fct_case_costs'),
    ('case_events', 'fct_case_events'),
    ('customer_profits', 'fct_customer_profit_months'),
    ('influenced_sales', 'fct_influenced_sales'),
    ('portfolio_goals', 'fct_portfolio_goal_months'),
    ('portfolio_offer_flows', 'fct_portfolio_offer_months'),
    ('service_profits', 'fct_service_profit_months'),
    ('early_warnings', 'fct_early_warnings'),
    ('learning_events', 'fct_learning_events'),
    ('quote_events', 'fct_quote_events'),
    ('release_months', 'fct_release_defects'),
    ('renewals', 'fct_contract_renewals'),
    ('service_sales', 'fct_service_sales'),
    ('program_purchases', 'fct_program_purchases'),
    ('resource_opportunities', 'fct_resource_opportunities'),
    ('selling_opportunities', 'fct_selling_opportunities'),
    ('selling_stages', 'fct_selling_stages'),
    ('session_events', 'fct_self_service_sessions'),
    ('time_months', 'fct_time_months'),
    ('unmet_expectations', 'fct_unmet_expectations'),
    ('rep_deals', 'fct_rep_deals'),
    ('value_renewals', 'fct_value_renewals'),
) %}
{{ name }} as (
    select facts.*, periods.period_grain, periods.period_end
    from {{ ref(fact) }} as facts
    inner join periods on facts.month_end > periods.opening_date and facts.month_end <= periods.period_end
),
{% endfor %}
retention as (
    select * from {{ ref('fct_retention') }}
),

license_months as (
    select
        license_months.*,
        concat(license_months.customer_id, '|', license_months.product_family) as customer_product_id,
        periods.period_grain,
        periods.period_end
    from {{ ref('fct_license_months') }} as license_months
    inner join {{ ref('dim_periods') }} as periods
        on license_months.month_end = periods.period_end and periods.period_grain <> 't12m'
),

adoption_windows as (
    select * from {{ ref('fct_adoption_windows') }}
),

service_windows as (
    select * from {{ ref('fct_service_windows') }}
),

customer_renewals as (
    select * from {{ ref('fct_customer_renewals') }}
),

winbacks as (
    select * from {{ ref('fct_service_winbacks') }}
),

attached_dues as (
    select sales.*, periods.period_grain, periods.period_end
    from {{ ref('fct_service_sales') }} as sales
    inner join periods
        on sales.first_due_month_end > periods.opening_date and sales.first_due_month_end <= periods.period_end
),

service_bookings as (
    select
        bookings.*,
        cast(bookings.month_end as {{ dbt.type_string() }}) as month_id,
        periods.period_grain,
        periods.period_end
    from {{ ref('fct_service_booking_months') }} as bookings
    inner join periods on bookings.month_end > periods.opening_date and bookings.month_end <= periods.period_end
),

rep_periods as (
    select * from {{ ref('fct_rep_periods') }}
),

offer_periods as (
    select * from {{ ref('fct_offer_periods') }}
),

rep_expansions as (
    select * from {{ ref('fct_rep_expansions') }}
),

activity_windows as (
    select * from {{ ref('fct_activity_windows') }}
),

expansion_periods as (
    select * from {{ ref('fct_expansion_periods') }}
),

onboarding_barriers as (
    select
        barriers.customer_id,
        periods.period_grain,
        periods.period_end,
        sum(barriers.found_count) as found_count,
        sum(barriers.known_count) as known_count,
        sum(barriers.removed_count) as removed_count
    from {{ ref('fct_onboarding_barriers') }} as barriers
    inner join {{ ref('dim_periods') }} as periods
        on
            barriers.month_end > periods.opening_date
            and barriers.month_end <= periods.period_end
            and periods.is_opening_known
    group by barriers.customer_id, periods.period_grain, periods.period_end
),

value_terms as (
    select
        touch_months.customer_id,
        periods.period_grain,
        periods.period_end,
        sum(touch_months.unknown_term_count) as unknown_term_count,
        sum(touch_months.touched_term_count) as touched_term_count,
        sum(touch_months.late_term_count) as late_term_count
    from {{ ref('fct_value_touch_months') }} as touch_months
    inner join {{ ref('dim_periods') }} as periods
        on
            touch_months.month_end > periods.opening_date
            and touch_months.month_end <= periods.period_end
            and periods.is_opening_known
    group by touch_months.customer_id, periods.period_grain, periods.period_end
),

engagement_periods as (
    select * from {{ ref('fct_engagement_periods') }}
),

engagement_models as (
    select * from {{ ref('fct_engagement_models') }}
),

engagement_model_months as (
    select
        models.customer_id,
        models.engagement_model,
        models.is_active_at_closing,
        models.score,
        periods.period_grain,
        periods.period_end
    from {{ ref('fct_engagement_models') }} as models
    inner join {{ ref('dim_periods') }} as periods
        on models.period_end = periods.period_end and periods.period_grain <> 't12m'
    where models.period_grain = 't12m'
),

engagement_windows as (
    select * from {{ ref('fct_engagement_windows') }}
),

revenue_periods as (
    select * from {{ ref('fct_revenue_periods') }}
),

changes as (
    select * from {{ ref('fct_revenue_changes') }} where movement in ('churn', 'contraction', 'transactional_loss')
),

-- Every loss counts in the whole of every reason of its period.
losses as (
    select changes.customer_id, changes.loss_reason, -changes.mrr_change_amount as lost_amount, periods.period_grain, periods.period_end
    from changes
    inner join periods on changes.month_end > periods.opening_date and changes.month_end <= periods.period_end
),

loss_reasons as (
    select distinct period_grain, period_end, loss_reason from losses
),

case_contacts as (
    select case_contacts.*, periods.period_grain, periods.period_end
    from {{ ref('fct_case_contacts') }} as case_contacts
    inner join periods on case_contacts.month_end > periods.opening_date and case_contacts.month_end <= periods.period_end
),
{% for calendar_unit in ('day', 'week') %}
contact_{{ calendar_unit }}s as (
    select
        calendar.*,
        cast(calendar.end_date as {{ dbt.type_string() }}) as calendar_id,
        periods.period_grain,
        periods.period_end
    from {{ ref('fct_contact_calendar') }} as calendar
    inner join periods on calendar.month_end > periods.opening_date and calendar.month_end <= periods.period_end
    where calendar.calendar_unit = '{{ calendar_unit }}'
),
{% endfor %}
support_periods as (
    select
        support_months.customer_id,
        periods.period_grain,
        periods.period_end,
        sum(support_months.opened_case_count) as opened_case_count,
        sum(support_months.active_month_count) as active_month_count,
        sum(case when support_months.active_month_count > 0 then support_months.user_case_count end) as user_case_count,
        sum(case when support_months.active_month_count > 0 then support_months.active_user_count end) as active_user_count,
        sum(support_months.arr_amount) as arr_amount,
        sum(support_months.arr_case_count) as arr_case_count
    from {{ ref('fct_support_months') }} as support_months
    inner join periods on support_months.month_end > periods.opening_date and support_months.month_end <= periods.period_end
    group by support_months.customer_id, periods.period_grain, periods.period_end
),

success_windows as (
    select * from {{ ref('fct_success_windows') }}
),

learning_costs as (
    select costs.*, cast(costs.month_end as {{ dbt.type_string() }}) as month_id, periods.period_grain, periods.period_end
    from {{ ref('fct_learning_cost_months') }} as costs
    inner join periods on costs.month_end > periods.opening_date and costs.month_end <= periods.period_end
),

rating_periods as (
    select
        ratings.case_key,
        periods.period_grain,
        periods.period_end,
        sum(ratings.closed_count) as closed_count,
        sum(ratings.rated_count) as rated_count,
        sum(ratings.satisfied_count) as satisfied_count
    from {{ ref('fct_case_ratings') }} as ratings
    inner join periods on ratings.month_end > periods.opening_date and ratings.month_end <= periods.period_end
    group by ratings.case_key, periods.period_grain, periods.period_end
),

-- Every customer's months in the back-test of risk classes.
backtest_periods as (
    select
        backtest.customer_id,
        periods.period_grain,
        periods.period_end,
        count(case when backtest.risk_class in ('defecting', 'reducing') then 1 end) as flagged_count,
        count(case when backtest.has_churned_or_contracted then 1 end) as outcome_count,
        count(case when backtest.risk_class in ('defecting', 'reducing') and backtest.has_churned_or_contracted then 1 end) as hit_count
    from {{ ref('fct_risk_backtest') }} as backtest
    inner join periods
        on
            backtest.month_end > periods.opening_date
            and backtest.month_end <= periods.period_end
            and periods.period_grain <> 'month'
    group by backtest.customer_id, periods.period_grain, periods.period_end
),

-- Months whose cost is not told stay apart: they are left out of the sums.
cost_periods as (
    select
        cost_months.customer_id,
        periods.period_grain,
        periods.period_end,
        sum(cost_months.service_cost_amount) as service_cost_amount,
        sum(cost_months.support_cost_amount) as support_cost_amount,
        sum(cost_months.assisted_case_count) as assisted_case_count,
        sum(cost_months.defect_cost_amount) as defect_cost_amount
    from {{ ref('fct_customer_cost_months') }} as cost_months
    inner join periods on cost_months.month_end > periods.opening_date and cost_months.month_end <= periods.period_end
    group by
        cost_months.customer_id,
        periods.period_grain,
        periods.period_end,
        cost_months.service_cost_amount is null,
        cost_months.support_cost_amount is null
),

defect_periods as (
    select * from {{ ref('fct_defect_periods') }}
),

-- The seats of a product stand once in the total, however many releases of it are in use.
release_families as (
    select
        concat(product_family, '|', cast(month_end as {{ dbt.type_string() }})) as product_month_id,
        period_grain,
        period_end,
        sum(defect_case_count) as defect_case_count,
        max(sold_quantity) as sold_quantity
    from release_months
    group by product_family, month_end, period_grain, period_end
),

rated_cases as (
    select * from {{ ref('fct_rated_cases') }} where is_defect
),

fixed_defects as (
    select defects.*, periods.period_grain, periods.period_end
    from {{ ref('fct_defects') }} as defects
    inner join periods on defects.resolved_date > periods.opening_date and defects.resolved_date <= periods.period_end
    where defects.is_customer_reported and defects.fix_days is not null
),

effect_subjects as (
    select effect_subjects.*, periods.period_grain, periods.period_end
    from {{ ref('fct_effect_subjects') }} as effect_subjects
    inner join periods
        on effect_subjects.closing_month_end > periods.opening_date and effect_subjects.closing_month_end <= periods.period_end
    where effect_subjects.is_treated and periods.period_grain in ('t12m', 'year')
),

self_service_windows as (
    select * from {{ ref('fct_self_service_windows') }}
),

cause_months as (
    select cause_months.*, periods.period_grain, periods.period_end
    from {{ ref('fct_cause_months') }} as cause_months
    inner join periods on cause_months.month_end > periods.opening_date and cause_months.month_end <= periods.period_end
    where cause_months.is_after_fix
),

-- What a period deflected is a product of shares, of no visit in particular: it is laid out over the visits that may have been deflected.
demand_totals as (
    select
        totals.*,
        periods.opening_date,
        totals.deflected_visits is not null as is_deflection_known,
        totals.successful_visits is not null as is_success_known,
        totals.deflected_hours is not null and totals.automated_hours is not null as are_hours_known,
        totals.deflected_visits is not null and totals.matched_case_count = totals.assisted_case_count as is_deflection_whole,
        totals.deflected_cost_amount is not null
        and totals.article_saved_amount is not null
        and totals.knowledge_base_cost_amount > 0
        and totals.matched_case_count = totals.assisted_case_count as is_return_known,
        totals.prevented_cases is not null as is_prevention_known,
        totals.judged_case_count > 0 as is_automation_known
    from {{ ref('fct_demand_periods') }} as totals
    inner join periods on totals.period_grain = periods.period_grain and totals.period_end = periods.period_end
    where totals.dimension = 'all'
),

demand_begun as (
    select
        min(month_end) as first_month_end,
        min(case when visit_count is not null then month_end end) as first_visit_month_end
    from {{ ref('fct_demand_months') }}
),

placed_visits as (
    select
        session_events.*,
        row_number() over (
            partition by session_events.period_grain, session_events.period_end
            order by case when session_events.is_entitled then 0 else 1 end asc, session_events.session_key asc
        ) as place
    from session_events
    cross join demand_begun
    where session_events.month_end >= demand_begun.first_month_end
),

demand_visits as (
    select
        visits.session_key,
        visits.period_grain,
        visits.period_end,
        visits.is_entitled,
        totals.is_deflection_whole,
        totals.are_hours_known,
        totals.is_return_known,
        totals.is_prevention_known,
        totals.is_automation_known,
        {{ part_of_total('totals.successful_visits', '(visits.place - 1)', 'visits.place', 'totals.visit_count') }} as successful_visits,
        {%- for column in ('deflected_visits', 'deflected_hours', 'deflected_cost_amount') %}
        {{ part_of_total('totals.' ~ column, '(visits.place - 1)', 'visits.place', 'totals.entitled_visit_count') }}
            as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from placed_visits as visits
    inner join demand_totals as totals on visits.period_grain = totals.period_grain and visits.period_end = totals.period_end
),

demand_cases as (
    select
        case_events.case_key,
        case_events.period_grain,
        case_events.period_end,
        case_events.event,
        case_events.is_automated,
        case_events.reused_link_count > 0 and not coalesce(case_events.is_automated, false) as has_reused_article,
        savings.saved_amount as article_saved_amount,
        totals.handle_hours,
        coalesce(case_events.month_end >= demand_begun.first_visit_month_end, false) as are_visits_known,
        totals.is_deflection_known,
        totals.is_success_known,
        totals.is_deflection_whole,
        totals.are_hours_known,
        totals.is_return_known,
        totals.is_prevention_known,
        totals.is_automation_known,
        totals.is_prevention_known or totals.is_deflection_whole or totals.is_automation_known as is_any_strategy_known
    from case_events
    inner join demand_totals as totals on case_events.period_grain = totals.period_grain and case_events.period_end = totals.period_end
    left join {{ ref('fct_article_savings') }} as savings
        on case_events.case_key = savings.case_key and case_events.event = 'closed'
    -- Last: DuckDB keeps a view's cross join as a comma, which what follows could not look past.
    cross join demand_begun
),

demand_causes as (
    select
        cause_months.cause,
        totals.period_grain,
        totals.period_end,
        totals.is_prevention_known,
        totals.is_deflection_whole,
        totals.is_automation_known,
        sum(cause_months.prevented_cases) as prevented_cases
    from {{ ref('fct_cause_months') }} as cause_months
    inner join demand_totals as totals
        on cause_months.month_end > totals.opening_date and cause_months.month_end <= totals.period_end
    where cause_months.is_after_fix
    group by
        cause_months.cause,
        totals.period_grain,
        totals.period_end,
        totals.is_prevention_known,
        totals.is_deflection_whole,
        totals.is_automation_known
),

demand_costs as (
    select
        cast(months.month_end as {{ dbt.type_string() }}) as month_id,
        totals.period_grain,
        totals.period_end,
        totals.is_return_known,
        months.knowledge_base_cost_amount
    from {{ ref('fct_avoidable_costs') }} as months
    inner join demand_totals as totals on months.month_end > totals.opening_date and months.month_end <= totals.period_end
    where totals.knowledge_base_cost_amount > 0 and totals.visit_count > 0
),

-- Customers with cases in a period or in the same months a year before; the growth of the base is laid out over the cases of that year.
demand_years as (
    select
        demand_months.customer_id,
        totals.period_grain,
        totals.period_end,
        totals.grown_cases as total_grown_cases,
        totals.prior_assisted_case_count as total_prior_case_count,
        sum(case when demand_months.month_end > totals.opening_date then demand_months.assisted_case_count else 0 end)
            as assisted_case_count,
        sum(case when demand_months.month_end > totals.opening_date then 0 else demand_months.assisted_case_count end)
            as prior_assisted_case_count
    from {{ ref('fct_demand_months') }} as demand_months
    inner join demand_totals as totals
        on
            (demand_months.month_end > totals.opening_date and demand_months.month_end <= totals.period_end)
            or (
                demand_months.month_end > {{ add_days(add_months(add_days('totals.opening_date', 1), -12), -1) }}
                and demand_months.month_end <= {{ add_days(add_months(add_days('totals.period_end', 1), -12), -1) }}
            )
    where totals.prior_assisted_case_count > 0 and demand_months.assisted_case_count > 0
    group by
        demand_months.customer_id,
        totals.period_grain,
        totals.period_end,
        totals.grown_cases,
        totals.prior_assisted_case_count
),

placed_years as (
    select
        *,
        sum(prior_assisted_case_count) over (
            partition by period_grain, period_end
            order by customer_id asc
            rows between unbounded preceding and current row
        ) as reached
    from demand_years
),

demand_customers as (
    select
        customer_id,
        period_grain,
        period_end,
        assisted_case_count,
        prior_assisted_case_count,
        {{ part_of_total('total_grown_cases', '(reached - prior_assisted_case_count)', 'reached', 'total_prior_case_count') }}
            as grown_cases
    from placed_years
),

final as (
    {%- for measures, relation, subject_type, subject_id in (
        (window_measures(), 'retention', 'customer', 'customer_id'),
        (balance_measures(), 'customer_months', 'customer', 'customer_id'),
        (license_measures(), 'license_months', 'customer_product', 'customer_product_id'),
        (adoption_measures(), 'adoption_months', 'customer', 'customer_id'),
        (adoption_window_measures(), 'adoption_windows', 'customer', 'customer_id'),
        (engagement_measures(), 'engagement_months', 'customer', 'customer_id'),
        (activity_measures(), 'activity_months', 'customer', 'customer_id'),
        (early_warning_measures(), 'early_warnings', 'warning', 'warning_key'),
        (activity_window_measures(), 'activity_windows', 'customer', 'customer_id'),
        (expansion_measures(), 'expansion_periods', 'customer', 'customer_id'),
        (onboarding_barrier_measures(), 'onboarding_barriers', 'customer', 'customer_id'),
        (value_touch_measures(), 'value_touch_months', 'customer', 'customer_id'),
        (value_term_measures(), 'value_terms', 'customer', 'customer_id'),
        (engagement_flow_measures(), 'engagement_periods', 'customer', 'customer_id'),
        (engagement_model_measures(), 'engagement_model_months', 'customer', 'customer_id'),
        (relationship_margin_measures(), 'engagement_models', 'customer', 'customer_id'),
        (engagement_window_measures(), 'engagement_windows', 'customer', 'customer_id'),
        (case_contact_measures(), 'case_contacts', 'case', 'case_key'),
        (contact_calendar_measures('day'), 'contact_days', 'day', 'calendar_id'),
        (contact_calendar_measures('week'), 'contact_weeks', 'week', 'calendar_id'),
        (support_measures(), 'support_periods', 'customer', 'customer_id'),
        (session_measures(), 'session_events', 'session', 'session_key'),
        (renewal_measures(), 'renewals', 'contract', 'renewal_key'),
        (success_plan_measures(), 'success_plans', 'success_plan', 'plan_key'),
        (success_measures(), 'success_months', 'customer', 'customer_id'),
        (success_health_measures(), 'success_health_months', 'customer', 'customer_id'),
        (success_recovery_measures(), 'success_recoveries', 'customer', 'customer_id'),
        (unmet_expectation_measures(), 'unmet_expectations', 'expectation', 'event_key'),
        (roi_measures(), 'roi_months', 'customer', 'customer_id'),
        (success_window_measures(), 'success_windows', 'customer', 'customer_id'),
        (proficiency_measures(), 'proficiency_months', 'customer', 'customer_id'),
        (learning_event_measures(), 'learning_events', 'learning_event', 'event_key'),
        (skill_requirement_measures(), 'skill_requirements', 'skill', 'requirement_key'),
        (learning_cost_measures(), 'learning_costs', 'month', 'month_id'),
        (health_measures(), 'health_months', 'customer', 'customer_id'),
        (survey_measures(), 'survey_months', 'customer', 'customer_id'),
        (rating_measures(), 'rating_periods', 'case', 'case_key'),
        (recovery_measures(), 'risk_recoveries', 'customer', 'customer_id'),
        (expected_loss_measures(), 'expected_losses', 'customer', 'customer_id'),
        (case_cost_measures(), 'case_costs', 'case', 'case_key'),
        (customer_cost_measures(), 'cost_periods', 'customer', 'customer_id'),
        (defect_period_measures(), 'defect_periods', 'customer', 'customer_id'),
        (contact_measures(), 'contact_months', 'customer', 'customer_id'),
        (article_review_measures(), 'article_reviews', 'article_review', 'review_key'),
        (case_measures() + case_scale_measures() + case_service_measures(), 'case_events', 'case', 'case_key'),
        (demand_visit_measures(), 'demand_visits', 'session', 'session_key'),
        (demand_case_measures(), 'demand_cases', 'case', 'case_key'),
        (demand_cause_measures(), 'demand_causes', 'cause', 'cause'),
        (demand_cost_measures(), 'demand_costs', 'month', 'month_id'),
        (demand_customer_measures(), 'demand_customers', 'customer', 'customer_id'),
        (self_service_window_measures(), 'self_service_windows', 'customer', 'customer_id'),
        (time_measures(), 'time_months', 'person', 'person_key'),
        (service_measures(), 'service_months', 'customer', 'customer_id'),
        (service_window_measures(), 'service_windows', 'customer', 'customer_id'),
        (service_sale_measures(), 'service_sales', 'sale', 'sale_key'),
        (attached_due_measures(), 'attached_dues', 'sale', 'sale_key'),
        (customer_renewal_measures(), 'customer_renewals', 'customer', 'customer_id'),
        (winback_measures(), 'winbacks', 'contract', 'renewal_key'),
        (service_booking_measures(), 'service_bookings', 'month', 'month_id'),
        (implementation_cost_measures(), 'implementation_costs', 'customer', 'customer_id'),
        (service_profit_measures(), 'service_profits', 'customer', 'customer_id'),
        (customer_profit_measures(), 'customer_profits', 'customer', 'customer_id'),
        (influenced_sale_measures(), 'influenced_sales', 'opportunity', 'opportunity_key'),
        (portfolio_offer_measures(), 'portfolio_offers', 'offer', 'offer_id'),
        (offer_flow_measures(), 'portfolio_offer_flows', 'offer', 'offer_id'),
        (portfolio_silo_measures(), 'portfolio_silos', 'silo', 'silo'),
        (portfolio_manager_measures(), 'portfolio_managers', 'manager', 'manager_id'),
        (portfolio_goal_measures(), 'portfolio_goals', 'goal', 'goal_key'),
        (whitespace_measures(), 'portfolio_whitespace', 'customer', 'customer_id'),
        (quote_measures(), 'quote_events', 'quote', 'quote_key'),
        (selling_opportunity_measures(), 'selling_opportunities', 'opportunity', 'opportunity_key'),
        (selling_stage_measures(), 'selling_stages', 'opportunity', 'opportunity_key'),
        (rep_measures(), 'rep_months', 'rep', 'rep_id'),
        (rep_topic_measures(), 'rep_topics', 'rep', 'rep_topic_id'),
        (rep_period_measures(), 'rep_periods', 'rep', 'rep_id'),
        (rep_deal_measures(), 'rep_deals', 'deal', 'deal_key'),
        (offer_measures(), 'offer_months', 'offer', 'offer_id'),
        (offer_region_measures(), 'offer_regions', 'offer', 'offer_region_id'),
        (offer_period_measures(), 'offer_periods', 'offer', 'offer_id'),
        (value_measures(), 'value_months', 'customer', 'customer_id'),
        (support_price_measures(), 'support_prices', 'customer', 'customer_license_id'),
        (customer_need_measures(), 'customer_needs', 'customer', 'customer_need_id'),
        (value_renewal_measures(), 'value_renewals', 'contract', 'renewal_key'),
        (rep_expansion_measures(), 'rep_expansions', 'customer', 'customer_id'),
    ) %}
    {{ contributions_to(measures, relation, subject_type, subject_id) }}

    union all
    {% endfor %}
    select
        'existing_customer_revenue_share' as metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        'customer' as subject_type,
        customer_id as subject_id,
        cast(case when is_existing_customer then revenue_amount else 0 end as decimal(28, 6)) as numerator,
        cast(revenue_amount as decimal(28, 6)) as denominator,
        revenue_amount is not null as is_included,
        case when revenue_amount is null then 'unknown' end as exclusion_reason
    from revenue_periods

    union all

    select
        'feature_adoption_rate' as metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        'feature' as subject_type,
        feature_key as subject_id,
        cast(using_customer_count as decimal(28, 6)) as numerator,
        cast(entitled_customer_count as decimal(28, 6)) as denominator,
        true as is_included,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason
    from feature_months

    union all

    -- Those an effect is about: its controls are in fct_effect_subjects.
    select
        metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        'customer' as subject_type,
        customer_id as subject_id,
        cast(outcome_value as decimal(28, 6)) as numerator,
        cast(1 as decimal(28, 6)) as denominator,
        is_matched as is_included,
        case when outcome_value is null then 'unknown' when not is_matched then 'no_control' end as exclusion_reason
    from effect_subjects

    union all

    select
        'defect_backlog_count' as metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        'defect' as subject_type,
        defect_key as subject_id,
        cast(1 as decimal(28, 6)) as numerator,
        cast(null as decimal(28, 6)) as denominator,
        true as is_included,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason
    from open_defects

    union all

    select
        'issue_prevention_effect' as metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        'cause' as subject_type,
        cause as subject_id,
        cast(-sum(prevented_cases) as decimal(28, 6)) as numerator,
        cast(sum(case when prevented_cases is not null then expected_cases end) as decimal(28, 6)) as denominator,
        count(prevented_cases) > 0 as is_included,
        case when count(prevented_cases) = 0 then 'unknown' end as exclusion_reason
    from cause_months
    group by period_grain, period_end, cause

    union all

    -- What other cases of a stratum say is in fct_rated_cases.
    select
        'defect_csat_effect' as metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        'case' as subject_type,
        case_key as subject_id,
        cast(case when is_satisfied then 1 else 0 end as decimal(28, 6)) as numerator,
        cast(1 as decimal(28, 6)) as denominator,
        stratum is not null as is_included,
        case when stratum is null then 'unknown' end as exclusion_reason
    from rated_cases

    union all

    -- Of a release: what its cases are, for the seats of its product in the months of its life.
    select
        'defect_rate_by_product_release' as metric_key,
        period_grain,
        period_end,
        'release' as dimension,
        release_label as member,
        'release' as subject_type,
        release_label as subject_id,
        cast(sum(case when sold_quantity > 0 then defect_case_count else 0 end) as decimal(28, 6)) as numerator,
        cast(
            round(cast(sum(case when sold_quantity > 0 then sold_quantity else 0 end) as double) / 100, 6) as decimal(28, 6)
        ) as denominator,
        coalesce(max(sold_quantity), 0) > 0 as is_included,
        case when max(sold_quantity) is null then 'unknown' when max(sold_quantity) <= 0 then 'zero_value' end as exclusion_reason
    from release_months
    group by period_grain, period_end, release_label

    union all

    -- Of all releases: those of a product in a month.
    select
        'defect_rate_by_product_release' as metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        'product_month' as subject_type,
        product_month_id as subject_id,
        cast(defect_case_count as decimal(28, 6)) as numerator,
        cast(round(cast(sold_quantity as double) / 100, 6) as decimal(28, 6)) as denominator,
        coalesce(sold_quantity, 0) > 0 as is_included,
        case when sold_quantity is null then 'unknown' when sold_quantity <= 0 then 'zero_value' end as exclusion_reason
    from release_families

    union all

    -- Every case with a topic counts in the whole of every topic of its period.
    select
        'top_issue_topics' as metric_key,
        case_events.period_grain,
        case_events.period_end,
        'topic' as dimension,
        topics.topic as member,
        'case' as subject_type,
        case_events.case_key as subject_id,
        cast(case when case_events.topic = topics.topic then 1 else 0 end as decimal(28, 6)) as numerator,
        cast(1 as decimal(28, 6)) as denominator,
        true as is_included,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason
    from case_events
    inner join {{ ref('fct_issue_topics') }} as topics
        on case_events.period_grain = topics.period_grain and case_events.period_end = topics.period_end
    where case_events.event = 'opened' and case_events.topic is not null

    union all

    -- Every deal in the win rate of every message and resource that was used in it.
    select
        concat(resource_kind, '_win_rate') as metric_key,
        period_grain,
        period_end,
        resource_kind as dimension,
        resource_id as member,
        'opportunity' as subject_type,
        opportunity_key as subject_id,
        cast(case when is_won then 1 else 0 end as decimal(28, 6)) as numerator,
        cast(1 as decimal(28, 6)) as denominator,
        true as is_included,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason
    from resource_opportunities

    union all

    -- Every buyer in the whole of every offer that anybody bought.
    select
        'program_purchase_rank' as metric_key,
        buyers.period_grain,
        buyers.period_end,
        case buyers.sale_kind when 'renewal' then 'renewed_offer' else 'offer' end as dimension,
        offers.offer_id as member,
        'customer' as subject_type,
        buyers.customer_id as subject_id,
        cast(max(case when buyers.offer_id = offers.offer_id then 1 else 0 end) as decimal(28, 6)) as numerator,
        cast(1 as decimal(28, 6)) as denominator,
        true as is_included,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason
    from program_purchases as buyers
    inner join {{ ref('fct_program_ranks') }} as offers
        on
            buyers.sale_kind = offers.sale_kind
            and buyers.period_grain = offers.period_grain
            and buyers.period_end = offers.period_end
    group by buyers.period_grain, buyers.period_end, buyers.sale_kind, offers.offer_id, buyers.customer_id

    union all

    -- The subjects of medians: each with its own figure.
    select
        case event when 'closed' then 'time_to_resolution' else 'first_response_time' end as metric_key,
        period_grain,
        period_end,
        'basis' as dimension,
        case event when 'closed' then resolution_basis else first_reply_basis end as member,
        'case' as subject_type,
        case_key as subject_id,
        cast(
            round(cast(case event when 'closed' then resolution_minutes else first_reply_minutes end as double) / 60, 6) as decimal(28, 6)
        ) as numerator,
        cast(1 as decimal(28, 6)) as denominator,
        true as is_included,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason
    from case_events
    where
        (event = 'closed' and resolution_basis is not null)
        or (event = 'opened' and first_reply_basis is not null and not coalesce(is_automated, false))

    union all

    select
        'defect_fix_time' as metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        'defect' as subject_type,
        defect_key as subject_id,
        cast(fix_days as decimal(28, 6)) as numerator,
        cast(1 as decimal(28, 6)) as denominator,
        true as is_included,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason
    from fixed_defects

    union all

    select
        'early_warning_response_time' as metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        'warning' as subject_type,
        warning_key as subject_id,
        cast(response_days as decimal(28, 6)) as numerator,
        cast(1 as decimal(28, 6)) as denominator,
        true as is_included,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason
    from early_warnings
    where response_days is not null

    union all

    select
        'loss_reason_mix' as metric_key,
        losses.period_grain,
        losses.period_end,
        'reason' as dimension,
        loss_reasons.loss_reason as member,
        'customer' as subject_type,
        losses.customer_id as subject_id,
        cast(case when losses.loss_reason = loss_reasons.loss_reason then losses.lost_amount else 0 end as decimal(28, 6)) as numerator,
        cast(losses.lost_amount as decimal(28, 6)) as denominator,
        true as is_included,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason
    from losses
    inner join loss_reasons on losses.period_grain = loss_reasons.period_grain and losses.period_end = loss_reasons.period_end

    union all

    select
        'survey_response_rate' as metric_key,
        periods.period_grain,
        periods.period_end,
        'all' as dimension,
        'all' as member,
        'survey' as subject_type,
        invitations.survey_key as subject_id,
        cast(sum(invitations.completed_count) as decimal(28, 6)) as numerator,
        cast(sum(invitations.sent_count) as decimal(28, 6)) as denominator,
        true as is_included,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason
    from {{ ref('fct_survey_invitation_months') }} as invitations
    inner join periods on invitations.month_end > periods.opening_date and invitations.month_end <= periods.period_end
    group by periods.period_grain, periods.period_end, invitations.survey_key
    {%- for metric_key, whole in (('risk_precision', 'flagged_count'), ('risk_recall', 'outcome_count')) %}

    union all

    select
        '{{ metric_key }}' as metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        'customer' as subject_type,
        customer_id as subject_id,
        cast(hit_count as decimal(28, 6)) as numerator,
        cast({{ whole }} as decimal(28, 6)) as denominator,
        true as is_included,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason
    from backtest_periods
    where {{ whole }} > 0
    {%- endfor %}
)

select * from final
