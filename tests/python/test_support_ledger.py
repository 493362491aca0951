"""Cases, defects and self-service equal the demo company's ledger, to the minute; causes show in what follows from them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from postsale.demo import write_demo
from tests.python.test_ledger import differences

#: Problem records are the demo's own tickets, and nobody's cases.
IS_CASE = "cast(case_id as bigint) < 100000000000"

#: Contracts may be older than the first month that is simulated, and periods with them.
SIMULATED = "(period_grain, period_end) in (select (period_grain, period_end) from ledger.demand)"


def test_every_case_is_as_it_was(company: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "case_id, customer_id, created_at, closed_at, reopen_count, first_reply_at, first_reply_minutes, first_reply_basis,"
        " resolution_minutes, resolution_basis, reported_reason, confirmed_reason, is_preventable, topic, product_family,"
        " release_name, cause, exclusion_reason, agent_touch_count, system_touch_count, reply_count, is_automated, handle_minutes, is_satisfied, rated_date"
    )
    warehouse = (
        f"select {columns} from intermediate.int_cases inner join intermediate.int_case_classes using (case_key)"
        f" left join intermediate.int_customer_identity using (account_key) where {IS_CASE}"
    )
    assert differences(company, f"select {columns} from ledger.cases", warehouse) == []
    seen = company.execute(
        "select count(*) > 200, bool_or(reopen_count > 0), bool_or(closed_at is null), bool_or(is_automated), bool_or(customer_id is null),"
        " count(distinct confirmed_reason), bool_or(confirmed_reason is null), count(distinct exclusion_reason) from ledger.cases"
    ).fetchone()
    assert (
        seen is not None and seen[:4] == (True, True, True, True) and seen[5:7] == (6, True) and seen[7] >= 2
    )


def test_every_issue_is_as_it_was(company: duckdb.DuckDBPyConnection) -> None:
    columns = "created_at, resolved_at, resolution_class, product_family, release_name"
    assert (
        differences(
            company,
            f"select 'jira:' || defect_id, 'jira:' || original_id, {columns} from ledger.defects",
            f"select defect_key, duplicate_of_defect_key, {columns} from intermediate.int_defects where is_bug",
        )
        == []
    )


def test_links_of_cases_are_found_whoever_keeps_them(company: duckdb.DuckDBPyConnection) -> None:
    assert (
        differences(
            company,
            "select 'zendesk:' || case_id, 'jira:' || defect_id from ledger.case_defects",
            "select case_key, defect_key from intermediate.int_case_defects",
        )
        == []
    )
    by_system = company.execute(
        "select system from intermediate.int_case_defects group by 1 order by 1"
    ).fetchall()
    assert by_system == [("jira",), ("templates",), ("zendesk",)]
    assert (
        differences(
            company,
            "select 'zendesk:' || case_id from ledger.cases where has_article",
            "select distinct case_key from intermediate.int_case_articles",
        )
        == []
    )


def test_every_visit_to_self_service_is_as_it_was(company: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "customer_id, started_at, is_entitled, is_answer_found, is_case_intended, is_nothing_further_needed"
    )
    assert (
        differences(
            company,
            f"select 'templates:' || session_id, {columns} from ledger.self_service_sessions",
            f"select session_key, {columns} from intermediate.int_self_service_sessions"
            " left join intermediate.int_customer_identity using (account_key)",
        )
        == []
    )


def test_every_case_cost_what_it_cost(company: duckdb.DuckDBPyConnection) -> None:
    """Minutes × rate, and shares of the month; numbers agree to what rounding of doubles leaves."""
    compared = company.execute(
        """
        select
            count(*), count(ledger.case_id), count(marts.case_key),
            count(*) filter (
                ledger.case_reason is not distinct from marts.case_reason and ledger.is_assisted = marts.is_assisted
                and ledger.cost_basis = marts.cost_basis and abs(ledger.cost_amount - marts.cost_amount) < 0.00001
                and abs(coalesce(ledger.effort_weight, -1) - coalesce(marts.effort_weight, -1)) < 0.00001
                and abs(coalesce(ledger.engineering_amount, -1) - coalesce(marts.engineering_amount, -1)) < 0.00001
            )
        from ledger.case_costs as ledger
        full join marts.fct_case_costs as marts on 'zendesk:' || ledger.case_id = marts.case_key
        """
    ).fetchone()
    assert compared is not None and set(compared) == {compared[0]} and compared[0] > 100
    kinds = company.execute(
        "select count(distinct (cost_basis, is_assisted)), bool_or(engineering_amount > 0) from marts.fct_case_costs"
    ).fetchone()
    assert kinds == (3, True)


def test_shares_of_customers_are_the_whole_cost(company: duckdb.DuckDBPyConnection) -> None:
    assert (
        differences(
            company,
            "select last_day(cost_month), service_line, is_investment, sum(amount) from intermediate.int_service_costs"
            " where service_line <> 'service_sales' group by all",  # selling services is no service to a customer
            "select month_end, service_line, is_investment, sum(cost_amount) from marts.fct_customer_costs group by all",
        )
        == []
    )


def test_what_takes_demand_off_agents_is_as_it_was(company: duckdb.DuckDBPyConnection) -> None:
    """Every sum of every whole period, and what follows from the sums: shares multiplied, hours, growth against the base."""
    sums = (
        "visit_count, entitled_visit_count, answered_visit_count, found_visit_count, intent_answered_visit_count, intended_visit_count,"
        " end_answered_visit_count, resolved_visit_count, assisted_case_count, automated_case_count, active_month_count"
    )
    truth = "visits, entitled, answered, found, intent_answered, intended, end_answered, resolved, assisted, automated, active"
    assert (
        differences(
            company,
            f"select period_grain, period_end, {truth} from ledger.demand",
            f"select period_grain, period_end, {sums} from marts.fct_demand_periods where dimension = 'all' and {SIMULATED}",
        )
        == []
    )
    told = {
        "deflection_rate": "deflected / (deflected + assisted)",
        "self_service_share_of_demand": "successful / (successful + assisted)",
        "agent_hours_freed": "hours_freed",
        "support_scale_gap": "gap",
        "recurring_issue_share": "recurring / nullif(caused, 0)",
        "case_management_automation_share": "system_steps / nullif(system_steps + agent_steps, 0)",
    }
    for key, formula in told.items():
        rows = company.execute(
            f"""
            with truth as (select period_grain, period_end, {formula} as value from ledger.demand),
            ratios as (
                select period_grain, period_end, numerator / coalesce(denominator, 1) as value from marts.fct_metric_ratios
                where metric_key = '{key}' and dimension = 'all' and subject_count > 0 and {SIMULATED}
            )
            select period_grain, period_end, truth.value, ratios.value from truth full join ratios using (period_grain, period_end)
            where (truth.value is null) <> (ratios.value is null) or abs(truth.value - ratios.value) > 0.000005 * greatest(1, abs(truth.value))
            """
        ).fetchall()
        assert rows == [], key
        assert company.execute(f"select count({formula}) > 4 from ledger.demand").fetchone() == (True,), key


def test_what_fixes_prevented_is_as_it_was(company: duckdb.DuckDBPyConnection) -> None:
    rows = company.execute(
        "select * from ledger.prevented_cases full join (select cause, month_end, prevented_cases from marts.fct_cause_months where is_after_fix"
        " and prevented_cases is not null) using (cause, month_end)"
        " where prevented is null or prevented_cases is null or abs(prevented - prevented_cases) > 0.000001"
    ).fetchall()
    assert rows == []
    assert company.execute("select count(*) >= 12 from ledger.prevented_cases").fetchone() == (True,)


def test_customers_with_more_defects_are_less_satisfied(tmp_path: Path) -> None:
    """The causes are built in: defects, not chance, make the unsatisfied."""
    write_demo(tmp_path, 1000, 12, 7, False, lambda _line: None)
    rates = duckdb.sql(
        f"""
        select
            avg(is_satisfied::int) filter (truth.dissatisfaction > 0.3), avg(is_satisfied::int) filter (truth.dissatisfaction < 0.1),
            avg(is_satisfied::int) filter (confirmed_reason = 'defect'), avg(is_satisfied::int) filter (confirmed_reason <> 'defect')
        from '{tmp_path}/_ledger/cases.parquet' inner join '{tmp_path}/_ledger/customer_truth.parquet' as truth using (customer_id)
        """
    ).fetchone()
    assert rates is not None
    assert rates[0] < rates[1] - 0.1
    assert rates[2] < rates[3] - 0.1
