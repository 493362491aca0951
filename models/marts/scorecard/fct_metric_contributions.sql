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
        sum(case when support_months.active_month_count > 0 then support_months.active_user_count end) as active_user_count
    from {{ ref('fct_support_months') }} as support_months
    inner join periods on support_months.month_end > periods.opening_date and support_months.month_end <= periods.period_end
    group by support_months.customer_id, periods.period_grain, periods.period_end
),

session_events as (
    select sessions.*, periods.period_grain, periods.period_end
    from {{ ref('fct_self_service_sessions') }} as sessions
    inner join periods on sessions.month_end > periods.opening_date and sessions.month_end <= periods.period_end
),

health_months as (
    select health_months.*, periods.period_grain, periods.period_end
    from {{ ref('fct_health_months') }} as health_months
    inner join {{ ref('dim_periods') }} as periods
        on health_months.month_end = periods.period_end and periods.period_grain <> 't12m'
),

survey_months as (
    select survey_months.*, periods.period_grain, periods.period_end
    from {{ ref('fct_survey_months') }} as survey_months
    inner join {{ ref('dim_periods') }} as periods
        on survey_months.month_end = periods.period_end and periods.period_grain <> 't12m'
),

risk_recoveries as (
    select risk_recoveries.*, periods.period_grain, periods.period_end
    from {{ ref('fct_risk_recoveries') }} as risk_recoveries
    inner join {{ ref('dim_periods') }} as periods
        on risk_recoveries.month_end = periods.period_end and periods.period_grain <> 't12m'
),

expected_losses as (
    select expected_losses.*, periods.period_grain, periods.period_end
    from {{ ref('fct_expected_losses') }} as expected_losses
    inner join {{ ref('dim_periods') }} as periods
        on expected_losses.month_end = periods.period_end and periods.period_grain <> 't12m'
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

renewals as (
    select renewals.*, periods.period_grain, periods.period_end
    from {{ ref('fct_contract_renewals') }} as renewals
    inner join periods on renewals.month_end > periods.opening_date and renewals.month_end <= periods.period_end
),

effect_subjects as (
    select effect_subjects.*, periods.period_grain, periods.period_end
    from {{ ref('fct_effect_subjects') }} as effect_subjects
    inner join periods
        on effect_subjects.closing_month_end > periods.opening_date and effect_subjects.closing_month_end <= periods.period_end
    where effect_subjects.is_treated and periods.period_grain in ('t12m', 'year')
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
        (case_measures(), 'case_events', 'case', 'case_key'),
        (support_measures(), 'support_periods', 'customer', 'customer_id'),
        (session_measures(), 'session_events', 'session', 'session_key'),
        (health_measures(), 'health_months', 'customer', 'customer_id'),
        (survey_measures(), 'survey_months', 'customer', 'customer_id'),
        (rating_measures(), 'rating_periods', 'case', 'case_key'),
        (recovery_measures(), 'risk_recoveries', 'customer', 'customer_id'),
        (expected_loss_measures(), 'expected_losses', 'customer', 'customer_id'),
        (renewal_measures(), 'renewals', 'contract', 'renewal_key'),
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
