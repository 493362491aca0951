"""The auditor's own books: every figure recomputed from rows of the warehouse, without the marts that hold figures.

Sums are those of ``fct_metric_contributions``; what is no sum is computed anew from the rows of its fact, or, where the rule is a method
of statistics, taken from the mart that the method leaves.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from math import sqrt
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from tests.harness import PROJECT

ROOTS = ("segment", "region", "channel", "product_family", "tenure_band")


class Line(NamedTuple):
    """A figure: value, what it is a ratio of, of how many, how much of it is known, and its interval."""

    value: float | None
    n: int
    numerator: float | None = None
    denominator: float | None = None
    coverage: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    row_count: int = 0


class Key(NamedTuple):
    """What a figure is of."""

    metric: str
    grain: str
    end: date
    dimension: str = "all"
    member: str = "all"


#: Whose each subject is: customer, and what the subject itself says of segment, region, channel, family and length of relationship.
OWNERS = """
select 'customer' as subject_type, customer_id as subject_id, customer_id, segment, region, channel, null as product_family, null as tenure_band
from marts.dim_customers
union all select distinct 'customer_product', concat(customer_id, '|', product_family), customer_id, null, null, null, product_family, null
from marts.fct_license_months
union all select distinct 'case', case_key, customer_id, null, null, null, product_family, null from marts.fct_case_events
union all select distinct 'success_plan', plan_key, customer_id, null, null, null, null, null from marts.fct_success_plans
union all select 'contract', renewal_key, customer_id, segment, region, channel, product_family, tenure_band from marts.fct_contract_renewals
union all select 'sale', sale_key, customer_id, segment, region, channel, null, tenure_band from marts.fct_service_sales
union all select 'quote', quote_key, customer_id, segment, region, channel, null, null from marts.fct_service_quotes
union all select 'opportunity', opportunity_key, customer_id, segment, region, channel, null, null from marts.fct_selling_opportunities
union all select 'rep', rep_id, null, null, region, null, null, null from marts.dim_reps
union all select distinct 'rep', rep_topic_id, null, null, region, null, null, null from marts.fct_rep_topic_months
union all select distinct 'customer', customer_need_id, customer_id, null, null, null, null, null from marts.fct_customer_need_months
where customer_need_id not in (select customer_id from marts.dim_customers)
"""

#: What else subjects say of themselves: dimension and member.
TRAITS = """
select 'contract', renewal_key, 'contract_kind', contract_kind from marts.fct_contract_renewals
union all select 'sale', sale_key, 'region_channel', concat(region, '|', channel) from marts.fct_service_sales
union all select 'rep', rep_id, 'party', party from marts.dim_reps
union all select distinct 'rep', rep_topic_id, unnest(['party', 'topic']), unnest([party, topic]) from marts.fct_rep_topic_months
union all select 'offer', offer_id, 'service_line', service_line from marts.dim_service_offers
union all select distinct 'offer', offer_region_id, 'service_line', service_line from marts.fct_offer_region_months
union all select distinct 'manager', manager_id, 'manager_id', manager_id from marts.fct_portfolio_manager_months
union all select distinct 'goal', goal_key, 'manager_id', manager_id from marts.fct_portfolio_goal_months
union all select distinct 'customer', customer_need_id, 'need', need from marts.fct_customer_need_months
union all select distinct 'customer', customer_license_id, 'support_tier', support_tier from marts.fct_support_price_months
union all select distinct 'warning', warning_key, 'warning_signal', warning_signal from marts.fct_early_warnings
union all select distinct 'feature', feature_key, 'feature', feature_name from marts.fct_feature_months
union all select distinct 'skill', requirement_key, 'skill_type', skill_type from marts.fct_skill_requirement_months
union all select distinct 'survey', survey_key, 'survey', survey_title from marts.fct_survey_invitation_months
union all select distinct 'person', person_key, unnest(['role', 'service_line']), unnest([role, service_line]) from marts.fct_time_months
union all select distinct 'cause', cause, 'cause', cause from marts.fct_cause_months
union all select distinct 'silo', silo, 'silo', silo from marts.fct_portfolio_silo_months
union all select distinct 'deal', deal_key, unnest(['party', 'rep_status']), unnest([party, rep_status]) from marts.fct_rep_deals
"""

#: The twelve months up to a month-end.
YEAR = "month_end <= $end and month_end > last_day($end - interval 12 month)"

_FAMILIES = "from marts.fct_retention_by_product_family where period_grain = 't12m' and period_end = $end and opening_mrr_amount > 0"

#: Groups whose rows are finer than the subjects of the metric, from the rows of the fact: member, numerator, denominator, n.
SPLITS = {
    ("net_revenue_retention", "product_family"): (
        f"select product_family, sum(closing_mrr_amount), sum(opening_mrr_amount), count(*) {_FAMILIES} and is_amount_known group by 1"
    ),
    ("gross_revenue_retention", "product_family"): (
        f"select product_family, sum(kept_mrr_amount), sum(opening_mrr_amount), count(*) {_FAMILIES} and is_amount_known group by 1"
    ),
    ("customer_retention_rate", "product_family"): (
        f"select product_family, count(*) filter (where closing_mrr_amount > 0), count(*), count(*) {_FAMILIES} group by 1"
    ),
    # readers get no families of a sale, only their number: these rows are those of the build
    ("service_attach_rate", "product_family"): (
        "select families.product_family, count(*) filter (where sales.is_attached), count(*), count(*)"
        " from intermediate.int_sale_families as families inner join marts.fct_service_sales as sales using (sale_key)"
        f" where families.is_eligible and sales.is_mature and {YEAR.replace('month_end', 'sales.month_end')} group by 1"
    ),
    **{
        (metric, "tenure_band"): (
            f"select tenure_band, sum({numerator}), sum({denominator}), count(*) from marts.fct_customer_profit_months"
            f" where {YEAR} and not is_unallocated and {condition} and {numerator} is not null and {denominator} is not null group by 1"
        )
        for metric, numerator, denominator, condition in (
            ("cost_to_serve_pct_of_arr", "service_cost_amount", "mrr_amount", "mrr_amount > 0"),
            (
                "customer_relationship_margin",
                "revenue_amount - service_cost_amount",
                "revenue_amount",
                "true",
            ),
            ("service_revenue_share", "service_revenue_amount", "revenue_amount", "true"),
        )
    },
    **{
        (metric, "service_line"): (
            f"select service_line, sum({numerator}), {denominator}, count(*) from marts.fct_service_profit_months"
            f" where {YEAR} and service_line <> 'unallocated' group by 1"
        )
        for metric, numerator, denominator in (
            ("service_direct_revenue", "revenue_amount", "null"),
            ("service_delivery_cost", "cost_amount", "null"),
            ("service_contribution", "revenue_amount - cost_amount", "null"),
            ("service_margin", "revenue_amount - cost_amount", "sum(revenue_amount)"),
        )
    },
    **{
        ("rep_service_expansion_rate", dimension): (
            f"select {dimension}, sum(expansion_amount), sum(opening_amount), count(*) from marts.fct_rep_expansions"
            " where period_grain = 't12m' and period_end = $end group by 1"
        )
        for dimension in ("party", "rep_status")
    },
}

#: Values of which the median and the ninetieth percentile are shown: dimension, member and value of every row.
MEDIANS = {
    **{
        key: f"select 'all', 'all', {column} from marts.fct_quote_events where event = '{event}' and {YEAR}"
        for key, event, column in (
            ("configuration_time", "configured", "configuration_days"),
            ("proposal_creation_time", "proposed", "proposal_days"),
            ("service_quote_cycle_time", "accepted", "cycle_days"),
            ("quote_to_booking_lag", "booked", "booking_days"),
            ("booking_to_schedule_lag", "scheduled", "scheduling_days"),
        )
    },
    "approval_cycle_time": (
        f"select 'all', 'all', approval_days from marts.fct_quote_events where event = 'decided' and approval_kind = 'manual' and {YEAR}"
    ),
    "service_sales_cycle_days": (
        f"select 'all', 'all', sales_cycle_days from marts.fct_selling_opportunities where is_service and is_won and {YEAR}"
    ),
    "service_discovery_time": f"select 'all', 'all', discovery_days from marts.fct_deal_needs where {YEAR}",
    "defect_fix_time": (
        "select dimension, member, numerator from marts.fct_metric_contributions where metric_key = 'defect_fix_time'"
        " and period_grain = 't12m' and period_end = $end and is_included"
    ),
    "early_warning_response_time": (
        "select unnest(['all', 'warning_signal']), unnest(['all', warning_signal]), numerator from marts.fct_metric_contributions inner join"
        " marts.fct_early_warnings on subject_id = warning_key where metric_key = 'early_warning_response_time' and period_grain = 't12m'"
        " and period_end = $end and is_included"
    ),
    # business and calendar hours are never mixed: the total and the severities are of what most cases have
    **{
        key: "with cases as (select distinct on (case_key) case_key, coalesce(severity, 'unknown') as severity from marts.fct_case_events"
        f" where event = '{event}' and {YEAR}), hours as (select member as basis, severity, numerator as value from"
        " marts.fct_metric_contributions inner join cases on subject_id = case_key"
        f" where metric_key = '{key}' and period_grain = 't12m' and period_end = $end and is_included),"
        " usual as (select mode(basis) as basis from hours)"
        " select 'basis', basis, value from hours union all select 'all', 'all', value from hours inner join usual using (basis)"
        " union all select 'severity', severity, value from hours inner join usual using (basis)"
        for key, event in (("time_to_resolution", "closed"), ("first_response_time", "opened"))
    },
    "median_days_between": (
        "select 'all', 'all', gap_days from marts.fct_engagement_gaps where month_end <= $end"
        " and earlier_date > last_day($end - interval 12 month)"
    ),
    "catalog_freshness_days": (
        "select 'all', 'all', days_since_change from marts.fct_offer_months where month_end = $end"
        " union all select 'service_line', service_line, days_since_change from marts.fct_offer_months where month_end = $end"
    ),
    # who has not been paid back yet waits longer than everybody who has
    "payback_months": (
        "select 'all', 'all', coalesce(payback_months, 'infinity'::double) from marts.fct_customer_roi"
        " where month_end = $end and benefit_count > 0 and investment_amount > 0"
    ),
}

#: Waits that may not be over yet: dimension, member, days and whether it is over, of every customer.
WAITS = {
    "time_to_first_value": (
        "select unnest(['all', 'onboarding_engaged']), unnest(['all', onboarding_engaged]), observed_days, is_value_reached"
        " from marts.fct_first_value_months where month_end = $end"
    ),
    "time_to_adoption_by_training": (
        "select 'training', training, observed_days, is_adopted from marts.fct_adoption_waits where month_end = $end"
    ),
    "time_to_benefit_by_service_attach": (
        "with firsts as (select customer_id, arg_min(has_service_contract, month_end) as has_service from marts.fct_service_months group by 1)"
        " select 'service_attach', case when has_service then 'with_services' when not has_service then 'without_services' else 'unknown' end,"
        " observed_days, is_value_reached from marts.fct_first_value_months left join firsts using (customer_id) where month_end = $end"
    ),
}
#: The total of a wait is how much sooner the one group is there than the other.
SOONER = {
    "time_to_adoption_by_training": ("training", "trained", "not_trained"),
    "time_to_benefit_by_service_attach": ("service_attach", "with_services", "without_services"),
}

_BACKTEST = (
    "with months as (select 'defecting' as member, customer_id, risk_class = 'defecting' as is_flagged, has_churned as is_hit,"
    f" cast(churn_probability as decimal(9, 6)) as p from marts.fct_risk_backtest where {YEAR} union all"
    " select 'defecting_or_reducing', customer_id, risk_class in ('defecting', 'reducing'), has_churned_or_contracted,"
    f" cast(loss_probability as decimal(9, 6)) from marts.fct_risk_backtest where {YEAR}),"
    " measured as (select member, {value} as value, {n} as n from months group by 1)"
    " select 'class', member, value, n from measured union all select 'all', 'all', value, n from measured where member = 'defecting_or_reducing'"
)
_SERVICES = f"from marts.fct_service_profit_months where {YEAR}"
_EFFECT = "from marts.fct_service_effects where month_end = $end and outcome"

#: Statistics by a rule of their own: dimension, member, value and n.
RULES = {
    "risk_precision": _BACKTEST.format(
        value="count(*) filter (where is_flagged and is_hit) / nullif(count(*) filter (where is_flagged), 0)",
        n="count(distinct customer_id) filter (where is_flagged)",
    ),
    "risk_recall": _BACKTEST.format(
        value="count(*) filter (where is_flagged and is_hit) / nullif(count(*) filter (where is_hit), 0)",
        n="count(distinct customer_id) filter (where is_hit)",
    ),
    "risk_lift": _BACKTEST.format(
        value="count(*) filter (where is_flagged and is_hit) / count(*) filter (where is_flagged)"
        " / (count(*) filter (where is_hit) / count(*))",
        n="count(distinct customer_id) filter (where is_flagged)",
    ),
    "risk_brier_score": _BACKTEST.format(
        value="avg(pow(case when is_hit then 1 - p else p end, 2))",
        n="count(distinct customer_id) filter (where p is not null)",
    ),
    "engagement_value_alignment": (
        "select 'all', 'all', 1 - sum(abs(engagement_count / every_engagement - arr_amount / every_arr)) / 2, sum(known_customer_count) from"
        " (select *, sum(engagement_count) over () as every_engagement, sum(arr_amount) over () as every_arr"
        " from marts.fct_engagement_deciles where month_end = $end)"
    ),
    "defect_cost_ratio": (
        "select 'all', 'all', avg(total_amount) filter (where case_reason = 'defect') / avg(total_amount) filter (where case_reason <> 'defect'),"
        " least(count(total_amount) filter (where case_reason = 'defect'), count(total_amount) filter (where case_reason <> 'defect'))"
        f" from marts.fct_case_costs where {YEAR}"
    ),
    "service_retention_uplift": f"select 'all', 'all', adjusted_effect, n_treated {_EFFECT} = 'retained'",
    "retained_arr_per_service_dollar": (
        f"select 'all', 'all', adjusted_effect * treated_arr_amount / treated_cost_amount, n_treated {_EFFECT} = 'retained'"
    ),
    "service_indirect_revenue": (
        "select unnest(['all', 'basis']), unnest(['all', 'incremental']), adjusted_effect * treated_arr_amount, n_treated"
        f" {_EFFECT} = 'revenue' union all select 'basis', unnest(['influenced', 'influenced_split']), sum(split_amount),"
        f" count(*) filter (where is_influenced and is_first_line) from marts.fct_influenced_sales where {YEAR}"
    ),
    "service_roi": (
        f"with services as (select sum(revenue_amount) as revenue, sum(cost_amount) as cost,"
        f" count(distinct customer_id) filter (where cost_amount > 0) as n {_SERVICES}), added as (select"
        f" coalesce(sum(adjusted_effect * treated_arr_amount), 0) as amount {_EFFECT} = 'revenue' and verdict = 'supported')"
        " select unnest(['all', 'basis', 'basis']), unnest(['all', 'direct', 'direct_and_incremental']),"
        " (revenue + unnest([amount, 0, amount]) - cost) / cost, n from services cross join added"
    ),
    **{
        f"marginal_{kind}revenue_per_service_dollar": (
            f"select 'all', 'all', slope, n from marts.fct_marginal_service_revenue where period_end = $end and revenue = '{revenue}'"
        )
        for kind, revenue in (("", "all"), ("direct_", "direct"), ("indirect_", "indirect"))
    },
    **{
        f"{base}_volatility": (
            "select 'all', 'all', stddev_pop(rate), count(rate) from (select sum(numerator) / sum(denominator) as rate"
            f" from marts.fct_metric_contributions where metric_key = '{metric}' and period_grain = 'month' and dimension = 'all' and is_included"
            " and period_end <= $end and period_end > last_day($end - interval 12 month) group by period_end)"
        )
        for base, metric in (
            ("customer_retention", "customer_retention_rate"),
            ("net_revenue_retention", "net_revenue_retention"),
        )
    },
    "expected_lifetime": (
        "select 'all', 'all', 1 / (1 - sum(numerator) / sum(denominator)), sum(denominator) from marts.fct_metric_contributions"
        " where metric_key = 'customer_retention_rate' and period_grain = 't12m' and period_end = $end and dimension = 'all' and is_included"
    ),
    "cs_categories_practised": (
        "select 'all', 'all', count(*) filter (where rates.rate >= limits.part), max(n) from (select sum(numerator) / sum(denominator) as rate,"
        " count(*) as n from marts.fct_metric_contributions where metric_key in ('activity_coverage_onboarding',"
        " 'activity_coverage_success_planning', 'activity_coverage_adoption', 'activity_coverage_health_monitoring',"
        " 'activity_coverage_retention', 'activity_coverage_expansion') and period_grain = 'month' and period_end = $end and is_included"
        " group by metric_key) as rates, (select cast(var_value as double) as part from marts.dim_policy"
        " where var_name = 'category_practised_min_share') as limits"
    ),
}
#: Statistics of how long relationships last.
SURVIVAL = ("relationship_survival_rate", "survival_median_months")
#: Months of a relationship of every customer: how long it lasted, and whether it is over.
LIFETIMES = (
    "with lives as (select customer_id, max(tenure_months) filter (where is_active) as tenure, max(month_end) filter (where is_active)"
    " as last_active from marts.fct_customer_months where not is_provisional group by 1), newest as (select max(month_end) as month_end from"
    " marts.fct_customer_months where not is_provisional) select 'all', 'all', tenure + case when last_active < month_end then 1 else 0 end,"
    " last_active < month_end from lives cross join newest where tenure is not null"
)

#: Statistics whose rule is a method, by the mart that the method leaves and its columns of value and n; and why they are not computed anew.
METHODS = {
    **dict.fromkeys(
        (
            "adoption_lift_after_action",
            "proficiency_adoption_effect",
            "proficiency_expansion_effect",
            "proficiency_success_effect",
            "proficiency_support_demand_effect",
        ),
        ("fct_effects", "adjusted_effect", "n_treated", "an effect: customers weighed by strata, tested in test_effects_ledger"),
    ),
    **dict.fromkeys(
        ("attach_by_rep_competency", "renewal_by_rep_competency", "expansion_by_rep_competency"),
        ("fct_rep_effects", "adjusted_effect", "n_treated", "an effect: deals weighed by strata"),
    ),
    "resource_usage_lift": ("fct_resource_lifts", "value", "n", "an effect: deals weighed by strata"),
    "defect_csat_effect": (
        "fct_defect_csat_effects", "adjusted_effect", "n_treated", "an effect: cases weighed by strata",
    ),
    **dict.fromkeys(
        ("platform_error_effect", "platform_time_saved"),
        ("fct_platform_effects", "value", "n", "six months on either side of a day that no mart states"),
    ),
    **dict.fromkeys(
        (
            "corr_health_frequency",
            "corr_health_frequency_lagged",
            "corr_health_quality",
            "corr_health_quality_lagged",
        ),
        ("fct_engagement_correlations", "value", "n", "a rank correlation pooled over segments and months"),
    ),
}  # fmt: skip

#: Metrics whose n counts other things than rows or their denominator.
N_OF_OTHERS = {
    **dict.fromkeys(
        (
            "agent_hours_freed",
            "deflection_rate",
            "demand_reduction_by_strategy",
            "kb_roi",
            "self_service_cost_savings",
            "self_service_share_of_demand",
        ),
        "visitors who answered; the rows are visits and cases over which a product of shares is laid out",
    ),
    **dict.fromkeys(
        ("defect_cost_share", "defect_cost_share_of_support", "case_rate_per_million_arr"),
        "cases or months of a customer; the rows are customers",
    ),
    "defect_rate_by_product_release": "seats; the rows are months of a product",
    "high_value_time_share": "entries of time; the rows are months of a person",
    "interacting_customers_weekly": "days; the rows are weeks",
}
#: Metrics whose n or coverage counts things within a subject: n (null = the rows) and coverage, from the fact.
COVERAGES = {
    "cs_category_coverage": (
        "select null, sum(known_category_count) / sum(due_category_count) from marts.fct_activity_months where month_end = $end"
    ),
    **dict.fromkeys(
        (
            "healthy_customer_share",
            "revenue_at_risk",
            "revenue_at_risk_share",
            "defection_risk_share",
            "spend_reduction_risk_share",
        ),
        "select null, count(*) filter (where risk_class <> 'unknown') / count(*) from marts.fct_health_months where month_end = $end",
    ),
    **dict.fromkeys(
        ("success_plan_realization_rate", "success_plan_schedule_variance"),
        "select sum(known_counted_objective_count), sum(known_counted_objective_count) / sum(counted_objective_count)"
        " from marts.fct_success_plans left join marts.dim_customers using (customer_id) where month_end = $end"
        " and $member = case $dimension when 'segment' then segment when 'region' then region when 'channel' then channel else 'all' end",
    ),
}
#: Metrics whose coverage is not traced: it counts users, cases or answers within a subject, which contributions do not tell.
COVERAGE_OF_OTHERS = {
    "active_days_per_user",
    "adoption_barrier_mix",
    "adoption_by_activity_coverage",
    "adoption_measurement_source",
    "advanced_user_share",
    "basic_user_share",
    "case_rate_per_100_users",
    "dau_mau_stickiness",
    "engagement_mode_mix",
    "feature_breadth_rate",
    "issue_reason_mix",
    "lifecycle_stage_activity_coverage",
    "license_purchase_rate_by_adoption_band",
    "loss_reason_mix",
    "negative_engagement_share",
    "objective_attainment_by_service_attach",
    "onboarding_barrier_removal_rate",
    "positive_engagement_share",
    "relationship_sentiment_mix",
    "renewal_only_touch_share",
    "service_lost_reason_mix",
    "success_by_activity_coverage",
    "success_plan_strict_rate",
    "targeted_user_adoption_rate",
    "unmet_expectation_reason_mix",
    "value_touch_evenness",
    *N_OF_OTHERS,
}


class Books:
    """Every figure by its key, from the rows of a warehouse file."""

    def __init__(self, database: Path) -> None:
        self.connection = duckdb.connect(":memory:")
        name = database.stem
        self.connection.execute(f"attach '{database}' as {name} (read_only)")
        self.connection.execute("create schema marts")
        self.connection.execute("create schema intermediate")
        for schema, table in self.connection.execute(
            "select schema_name, table_name from (select database_name, schema_name, table_name from duckdb_tables() union all"
            " select database_name, schema_name, view_name from duckdb_views()) where database_name = ?"
            " and (schema_name = 'marts' or table_name = 'int_sale_families') and table_name <> 'fct_metric_contributions'",
            [name],
        ).fetchall():
            self.connection.execute(f"create view {schema}.{table} as select * from {name}.{schema}.{table}")
        self._copy_contributions(f"{name}.marts.fct_metric_contributions")
        self.metrics = {
            row["metric_key"]: row
            for row in self.rows("select * from marts.dim_metrics order by is_headline")
        }
        #: which metrics have which dimensions
        self.dimensions = set(
            self.tuples("select distinct metric_key, dimension from marts.fct_metric_values")
        )
        self._lines = self._sums()
        self._splits: dict[tuple[str, str, date], dict[str, Line]] = {}
        self._statistics: dict[tuple[str, date], dict[tuple[str, str], Line]] = {}
        with (PROJECT / "seeds" / "metric_bands.csv").open(encoding="utf-8") as file:
            self.bands = {row["metric_key"]: row for row in csv.DictReader(file)}

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """Rows of a query by column."""
        result = self.connection.execute(query, values or None)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def tuples(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        used = {name: value for name, value in values.items() if f"${name}" in query}
        return self.connection.execute(query, used or None).fetchall()

    def _copy_contributions(self, view: str) -> None:
        """The rows that pages open, kept as a table: the view computes them anew for every question."""
        execute = self.connection.execute
        execute(
            f"create table sums as select metric_key, period_grain, period_end, coalesce(dimension, 'all') as dimension,"
            " coalesce(member, 'all') as member, cast(sum(numerator) filter (where is_included) as double) as numerator,"
            " cast(sum(denominator) filter (where is_included) as double) as denominator, count(*) filter (where is_included) as n,"
            f" count(*) filter (where not is_included and exclusion_reason = 'unknown') as unknown_count from {view} group by all"
        )
        execute(
            f"create table marts.fct_metric_contributions as select rows_.* from {view} as rows_ inner join"
            " (select max(as_of_date) as day from marts.dim_as_of) on period_end > day - interval 14 month"
        )
        execute(f"create table owners as {OWNERS}")
        execute(
            "create table traits (subject_type varchar, subject_id varchar, dimension varchar, member varchar)"
        )
        execute(f"insert into traits {TRAITS}")

    def _sums(self) -> dict[Key, Line]:
        lines = {}
        for *key, numerator, denominator, n, unknown in self.tuples("select * from sums"):
            lines[Key(*key)] = self._line(Key(*key), numerator, denominator, n, unknown)
        groups = " union all ".join(
            f"select metric_key, period_grain, period_end, '{root}', {root}, cast(sum(numerator) as double),"
            " cast(sum(denominator) as double), count(*) from owned group by all"
            for root in ROOTS
        )
        tenure = "case when kind = 'window' then windows.tenure_band else months.tenure_band end"
        for *key, numerator, denominator, n in self.tuples(
            f"with owned as (select rows_.*, coalesce(owners.segment, customers.segment, 'unknown') as segment,"
            " coalesce(owners.region, customers.region, 'unknown') as region, coalesce(owners.channel, customers.channel, 'unknown') as channel,"
            f" owners.product_family, coalesce(owners.tenure_band, {tenure}) as tenure_band from marts.fct_metric_contributions as rows_"
            " left join owners using (subject_type, subject_id) inner join (select metric_key, min(kind) as kind from marts.dim_metrics group by 1)"
            " using (metric_key) left join marts.dim_customers as customers on owners.customer_id = customers.customer_id"
            " left join marts.fct_customer_months as months on owners.customer_id = months.customer_id and rows_.period_end = months.month_end"
            " left join marts.fct_retention as windows on owners.customer_id = windows.customer_id"
            " and rows_.period_grain = windows.period_grain and rows_.period_end = windows.period_end"
            f" where rows_.is_included and rows_.dimension = 'all') {groups} union all select metric_key, period_grain, period_end,"
            " traits.dimension, traits.member, cast(sum(numerator) as double), cast(sum(denominator) as double), count(*)"
            " from marts.fct_metric_contributions as rows_ inner join traits using (subject_type, subject_id)"
            " where rows_.is_included and rows_.dimension = 'all' group by all"
        ):
            lines[Key(*key)] = self._line(Key(*key), numerator, denominator, n, None)
        return lines

    def _line(
        self, key: Key, numerator: float | None, denominator: float | None, n: int, unknown: int | None
    ) -> Line:
        metric = self.metrics[key.metric]
        is_amount = metric["unit"] in ("money", "count") and metric["format"] != "decimal"
        value = numerator if is_amount or denominator is None else _ratio(numerator, denominator)
        if metric["n_counts"] == "denominator":
            counted = round(denominator or 0)
        else:
            counted = n
        known = None if unknown is None or n + unknown == 0 else n / (n + unknown)
        low, high = (
            wilson(numerator or 0, denominator)
            if metric["interval_method"] == "wilson" and denominator and not is_amount
            else (None, None)
        )
        return Line(value, counted, numerator or 0, denominator, known, low, high, n)

    def line(self, key: Key) -> Line | None:
        """A figure; None where no row is behind it."""
        metric = self.metrics[key.metric]
        if metric["kind"] == "statistic":
            found = self._of_statistic(key.metric, key.grain, key.end).get((key.dimension, key.member))
        elif (key.metric, key.dimension) in SPLITS:
            found = self._of_split(key.metric, key.dimension, key.end).get(key.member)
        else:
            found = self._lines.get(key)
            if found is None and key.dimension == "all" and key.metric in self.bands:
                found = self._gap(key)
        return found

    def members(self, metric: str, grain: str, end: date) -> dict[tuple[str, str], Line]:
        """Figures of a metric along dimensions of its own."""
        if self.metrics[metric]["kind"] == "statistic":
            found = self._of_statistic(metric, grain, end)
        else:
            found = {
                (key.dimension, key.member): line
                for key, line in self._lines.items()
                if key[:3] == (metric, grain, end)
            }
            for dimension in [name for key, name in SPLITS if key == metric]:
                found |= {
                    (dimension, member): line
                    for member, line in self._of_split(metric, dimension, end).items()
                }
        return {
            pair: line
            for pair, line in found.items()
            if pair[0] not in (*ROOTS, "all") and (metric, pair[0]) in self.dimensions
        }

    def _gap(self, key: Key) -> Line | None:
        """The gap between the ends of bands."""
        band = self.bands[key.metric]
        ends = [
            self._lines.get(key._replace(dimension=band["dimension"], member=band[end]))
            for end in ("high_member", "low_member")
        ]
        high, low = ends
        if high is None or low is None:
            return None
        rates = [_ratio(line.numerator, line.denominator) for line in (high, low)]
        if rates[0] is None or rates[1] is None:
            return None
        return Line(rates[0] - rates[1], min(high.row_count, low.row_count))

    def _of_split(self, metric: str, dimension: str, end: date) -> dict[str, Line]:
        if (metric, dimension, end) not in self._splits:
            self._splits[metric, dimension, end] = {
                str(member): self._line(
                    Key(metric, "", end, dimension, member),
                    float(above or 0),
                    None if below is None else float(below),
                    n,
                    None,
                )
                for member, above, below, n in self.tuples(SPLITS[metric, dimension], end=end)
            }
        return self._splits[metric, dimension, end]

    def _of_statistic(self, metric: str, grain: str, end: date) -> dict[tuple[str, str], Line]:
        if (metric, end) not in self._statistics:
            self._statistics[metric, end] = self._statistic(metric, grain, end)
        return self._statistics[metric, end]

    def _statistic(self, metric: str, grain: str, end: date) -> dict[tuple[str, str], Line]:
        base, share = (metric.removesuffix("_p90"), 0.9 if metric.endswith("_p90") else 0.5)
        if base in MEDIANS:
            return {
                pair: Line(_percentile(values, share), len(values))
                for pair, values in _grouped(self.tuples(MEDIANS[base], end=end)).items()
                if values
            }
        if base in WAITS:
            curves = {
                pair: Line(_waited(rows, 1 - share), len(rows))
                for pair, rows in _grouped(self.tuples(WAITS[base], end=end)).items()
            }
            if base in SOONER:
                dimension, first, second = SOONER[base]
                sooner, later = curves[dimension, first], curves[dimension, second]
                value = None if sooner.value is None or later.value is None else later.value - sooner.value
                n = sooner.n + later.n if base == "time_to_adoption_by_training" else min(sooner.n, later.n)
                curves["all", "all"] = Line(value, n)
            return curves
        if metric in SURVIVAL:
            return self._survival(metric)
        if metric in RULES:
            return {
                (dimension, member): Line(None if value is None else float(value), int(n))
                for dimension, member, value, n in self.tuples(RULES[metric], end=end)
            }
        mart, value_column, n_column, _reason = METHODS[metric]
        of = f" and metric_key = '{metric}'"
        names = "dimension, member"
        if mart == "fct_defect_csat_effects":
            of, names = "", "'all', 'all'"
        return {
            (dimension, member): Line(None if found is None else float(found), count)
            for dimension, member, found, count in self.tuples(
                f"select {names}, {value_column}, {n_column} from marts.{mart} where period_grain = $grain and period_end = $end{of}",
                grain=grain,
                end=end,
            )
        }

    def _survival(self, metric: str) -> dict[tuple[str, str], Line]:
        curve = survival([row[2:] for row in self.tuples(LIFETIMES)])
        n = curve[0][1]
        if metric == "survival_median_months":
            median = next((month for month, _, _, rate in curve if rate <= 0.5), None)
            return {("all", "all"): Line(median, n)}
        longest = curve[-1][0]
        marks = {
            month: [rate for at, _, _, rate in curve if at <= month][-1]
            for month in (12, 24, 36)
            if month <= longest
        }
        return {
            **{("tenure_month", str(month)): Line(rate, n) for month, rate in marks.items()},
            ("all", "all"): Line(marks.get(12), n),
        }


def survival(lives: Iterable[tuple[int, bool]]) -> list[tuple[int, int, int, float]]:
    """Share that is left by month, Kaplan-Meier: month, how many were still looked at, how many left, and the share."""
    lives = list(lives)
    curve, rate = [(0, len(lives), 0, 1.0)], 1.0
    for month in sorted({end for end, _ in lives if end > 0}):
        at_risk = sum(1 for end, _ in lives if end >= month)
        left = sum(1 for end, is_over in lives if end == month and is_over)
        rate *= 1 - left / at_risk
        curve.append((month, at_risk, left, rate))
    return curve


def wilson(part: float, whole: float) -> tuple[float, float]:
    """The 95 % interval of a share."""
    z = 1.959964
    way = z * sqrt(part * (whole - part) / whole + z * z / 4) if part * (whole - part) >= 0 else 0.0
    return (part + z * z / 2 - way) / (whole + z * z), (part + z * z / 2 + way) / (whole + z * z)


def _ratio(above: float | None, below: float | None) -> float | None:
    return None if above is None or not below else above / below


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[str, str], list[Any]]:
    """Known values, or pairs of days and whether they are over, by dimension and member."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for dimension, member, value, *more in rows:
        group = groups.setdefault((dimension, member), [])
        if value is not None:
            group.append((value, *more) if more else float(value))
    return groups


def _percentile(values: list[float], share: float) -> float | None:
    """Between the two values next to its place; None where that is never."""
    values = sorted(values)
    place = share * (len(values) - 1)
    low, high = values[int(place)], values[min(int(place) + 1, len(values) - 1)]
    found = low if low == high else low + (place - int(place)) * (high - low)
    return found if abs(found) < float("inf") else None


def _waited(rows: list[tuple[int, bool]], left: float) -> float | None:
    """The first day on which no more than a share still waits."""
    return next((day for day, _, _, rate in survival(rows) if round(rate, 6) <= left), None)
