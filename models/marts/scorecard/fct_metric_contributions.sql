{{ config(materialized='view' if target.type == 'duckdb' else 'ephemeral', contract={'enforced': target.type == 'duckdb'}) }}
-- grain: one metric, period and subject
-- noqa: disable=LT02
{#-
    A long view of the wide facts: nothing is stored twice. Its text is longer than Hive's catalogue keeps of a view, so on Spark there
    is none; readers get it published all the same.
#}
with retention as (
    select * from {{ ref('fct_retention') }}
),

customer_months as (
    select customer_months.*, periods.period_grain, periods.period_end
    from {{ ref('fct_customer_months') }} as customer_months
    inner join {{ ref('dim_periods') }} as periods
        on customer_months.month_end = periods.period_end and periods.period_grain <> 't12m'
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

adoption_months as (
    select adoption_months.*, periods.period_grain, periods.period_end
    from {{ ref('fct_adoption_months') }} as adoption_months
    inner join {{ ref('dim_periods') }} as periods
        on adoption_months.month_end = periods.period_end and periods.period_grain <> 't12m'
),

adoption_windows as (
    select * from {{ ref('fct_adoption_windows') }}
),

feature_months as (
    select feature_months.*, periods.period_grain, periods.period_end
    from {{ ref('fct_feature_months') }} as feature_months
    inner join {{ ref('dim_periods') }} as periods
        on feature_months.month_end = periods.period_end and periods.period_grain <> 't12m'
),

engagement_months as (
    select engagement_months.*, periods.period_grain, periods.period_end
    from {{ ref('fct_engagement_months') }} as engagement_months
    inner join {{ ref('dim_periods') }} as periods
        on engagement_months.month_end = periods.period_end and periods.period_grain <> 't12m'
),

engagement_periods as (
    select * from {{ ref('fct_engagement_periods') }}
),

revenue_periods as (
    select * from {{ ref('fct_revenue_periods') }}
),

periods as (
    select * from {{ ref('dim_periods') }} where is_opening_known
),

changes as (
    select * from {{ ref('fct_revenue_changes') }} where movement in ('churn', 'contraction', 'transactional_loss')
),

case_events as (
    select case_events.*, periods.period_grain, periods.period_end
    from {{ ref('fct_case_events') }} as case_events
    inner join periods on case_events.month_end > periods.opening_date and case_events.month_end <= periods.period_end
),

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

session_events as (
    select sessions.*, periods.period_grain, periods.period_end
    from {{ ref('fct_self_service_sessions') }} as sessions
    inner join periods on sessions.month_end > periods.opening_date and sessions.month_end <= periods.period_end
),

self_service_windows as (
    select * from {{ ref('fct_self_service_windows') }}
),

time_months as (
    select time_months.*, periods.period_grain, periods.period_end
    from {{ ref('fct_time_months') }} as time_months
    inner join periods on time_months.month_end > periods.opening_date and time_months.month_end <= periods.period_end
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
    cross join demand_begun
    left join {{ ref('fct_article_savings') }} as savings
        on case_events.case_key = savings.case_key and case_events.event = 'closed'
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
        (engagement_flow_measures(), 'engagement_periods', 'customer', 'customer_id'),
        (case_measures() + case_scale_measures(), 'case_events', 'case', 'case_key'),
        (support_measures(), 'support_periods', 'customer', 'customer_id'),
        (session_measures(), 'session_events', 'session', 'session_key'),
        (demand_visit_measures(), 'demand_visits', 'session', 'session_key'),
        (demand_case_measures(), 'demand_cases', 'case', 'case_key'),
        (demand_cause_measures(), 'demand_causes', 'cause', 'cause'),
        (demand_cost_measures(), 'demand_costs', 'month', 'month_id'),
        (demand_customer_measures(), 'demand_customers', 'customer', 'customer_id'),
        (self_service_window_measures(), 'self_service_windows', 'customer', 'customer_id'),
        (time_measures(), 'time_months', 'person', 'person_key'),
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

    select
        'loss_reason_mix' as metric_key,
        periods.period_grain,
        periods.period_end,
        'reason' as dimension,
        changes.loss_reason as member,
        'customer' as subject_type,
        changes.customer_id as subject_id,
        cast(-changes.mrr_change_amount as decimal(28, 6)) as numerator,
        cast(-changes.mrr_change_amount as decimal(28, 6)) as denominator,
        true as is_included,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason
    from changes
    inner join periods
        on changes.month_end > periods.opening_date and changes.month_end <= periods.period_end
)

select * from final
