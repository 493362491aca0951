"""Customers: one list of everything dated, one row of everything known; what no export tells is unknown, not nought."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.golden.random_company import draw
from tests.golden.test_support import Desk, build
from tests.golden.warehouse import Builder, Company, Warehouse

ASKING = "salesforce:001A"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, model_cache: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    """A customer of which every system tells, one of which none but billing does, one lost and one that never paid."""
    desk = Desk()
    desk.customer("001A", "Large")
    desk.customer("001B", "Small")
    desk.add("salesforce/account", id="001C", name="Lost", created_date="2023-01-01")
    desk.add("salesforce/account", id="001D", name="Never", created_date="2023-01-01")
    desk.add("salesforce/account", id="001E", name="Renewed", created_date="2023-01-01")
    # Two that match nobody: billing alone knows one, a risk tells of the other; and one that only the help desk knows.
    for account in ("900X", "900Y"):
        desk.add(
            "templates/contract_lines", contract_line_id=account, account_id=account, start_date="2024-01-01", mrr_amount=1
        )  # fmt: skip
    desk.add(
        "templates/risk_records", risk_id="R9", account_id="900Y", risk_type="churn", reason_raw="price", opened_date="2024-05-15"
    )  # fmt: skip
    desk.add("zendesk/organization", id="org-alone", created_at="2024-01-01")
    for line, account, start, end, mrr in (
        ("more", "001A", "2024-03-01", None, 5),
        ("lost", "001C", "2024-01-01", "2024-04-01", 7),
        ("first", "001E", "2024-01-01", "2024-04-01", 8),
        ("next", "001E", "2024-04-11", "2025-04-11", 9),
    ):
        desk.add(
            "templates/contract_lines", contract_line_id=line, account_id=account, start_date=start, end_date=end, mrr_amount=mrr,
        )  # fmt: skip
    solved = desk.case("001A", "2024-05-06", "2024-05-08", "defect", priority="urgent")
    desk.add(
        "zendesk/satisfaction_rating",
        id="R1",
        ticket_id=solved,
        score="bad",
        created_at="2024-05-09 10:00:00",
    )
    desk.case("001A", "2024-06-10", None, "how_to")
    desk.case("001A", "2023-05-01", "2023-05-02", None)
    desk.add(
        "zendesk/ticket_tag", ticket_id=desk.case("001A", "2024-05-06", "2024-05-06", "defect"), tag="spam"
    )
    for number, (kind, day, more) in enumerate(
        (
            ("meeting", "2024-05-20", {"sentiment": "positive"}),
            ("newsletter", "2024-05-21", {}),
            ("internal note", "2024-05-22", {}),
            ("meeting", "2024-05-23", {"is_completed": "false"}),
        )
    ):
        desk.add(
            "templates/engagements", engagement_id=f"E{number}", account_id="001A", engagement_type=kind, started_at=f"{day} 10:00", **more,
        )  # fmt: skip
    answers: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("nps", "2024-05-01", {"contact_id": "p", "score": 3}),
        ("nps", "2024-05-02", {"contact_id": "p", "score": 9}),
        ("nps", "2024-05-02", {"contact_id": "q", "score": 6}),
        ("perception", "2024-05-02", {"contact_id": "p", "score": 5}),
        ("barrier", "2024-05-02", {"contact_id": "p", "answer": "too complex"}),
        ("tea", "2024-05-02", {"contact_id": "p", "answer": "my own words"}),
    )
    for number, (kind, day, answer) in enumerate(answers):
        desk.add(
            "templates/survey_responses", answer_id=f"A{number}", account_id="001A", question_kind=kind, answered_date=day, **answer,
        )  # fmt: skip
    for risk, kind, opened, closed in (
        ("R1", "churn", "2024-05-15", "2024-05-18"),
        ("R2", "contraction", "2024-06-20", None),
    ):
        desk.add(
            "templates/risk_records", risk_id=risk, account_id="001A", risk_type=kind, reason_raw="competition", opened_date=opened, closed_date=closed,
        )  # fmt: skip
    # Somebody was asked early enough that whoever was not in a quarter is known not to have been: but for whom no system could ask.
    desk.add(
        "templates/survey_responses", answer_id="A9", account_id="001D", question_kind="nps", score=8, answered_date="2024-01-02"
    )  # fmt: skip
    for plan, status, agreed, closed in (
        ("P1", "closed", "2024-04-10", "2024-06-25"),
        ("P2", "draft", "2024-04-11", None),
    ):
        desk.add(
            "templates/success_plans", plan_id=plan, account_id="001A", start_date="2024-04-01", status=status, agreed_date=agreed,
            closed_date=closed,
        )  # fmt: skip
    for objective, plan, status in (("O1", "P1", "won"), ("O2", "P1", "lost"), ("O3", "P2", "won")):
        desk.add(
            "templates/success_objectives", objective_id=objective, plan_id=plan, status=status, closed_date="2024-06-05"
        )  # fmt: skip
    with build(tmp_path_factory.mktemp("customers"), desk, model_cache) as connection:
        yield connection


def test_everything_dated_in_one_list_newest_first(told: duckdb.DuckDBPyConnection) -> None:
    found = told.execute(
        "select event_date::varchar, event_kind, detail, qualifier, score, event_amount, is_open from marts.fct_customer_timeline"
        " where customer_id = ? and event_kind <> 'class_change' order by event_number", [ASKING],
    ).fetchall()  # fmt: skip
    assert found == [
        ("2024-06-25", "success_plan_closed", None, None, None, None, None),
        ("2024-06-20", "risk_opened", "contraction", "competitor", None, None, True),
        ("2024-06-10", "case_opened", None, "how_to", None, None, True),
        ("2024-06-05", "objective_reached", None, None, None, None, None),
        ("2024-05-20", "engagement", "meeting", "positive", None, None, None),
        ("2024-05-18", "risk_closed", "churn", "competitor", None, None, None),
        ("2024-05-15", "risk_opened", "churn", "competitor", None, None, False),
        ("2024-05-08", "case_closed", "dissatisfied", "defect", None, None, None),
        ("2024-05-06", "case_opened", "urgent", "defect", None, None, False),
        ("2024-05-02", "survey_answer", "nps", None, 9, None, None),
        ("2024-05-02", "survey_answer", "nps", None, 6, None, None),
        ("2024-05-02", "survey_answer", "perception", None, 5, None, None),
        ("2024-05-02", "survey_answer", "barrier", "too_complex", None, None, None),
        ("2024-05-01", "survey_answer", "nps", None, 3, None, None),
        ("2024-04-10", "success_plan_agreed", None, None, None, None, None),
        ("2024-03-31", "revenue_change", "expansion", None, None, 60, None),
        ("2024-01-31", "revenue_change", "new", None, None, 120, None),
    ]


def test_changes_of_class_lead_to_the_class_of_today(told: duckdb.DuckDBPyConnection) -> None:
    """Each change says what was before, and they form a chain that ends in the class of the last month."""
    changes = told.execute(
        "select qualifier, detail from marts.fct_customer_timeline where customer_id = ? and event_kind = 'class_change' order by event_date", [ASKING]
    ).fetchall()  # fmt: skip
    classes = [
        row[0]
        for row in told.execute(
            "select risk_class from marts.fct_health_months where customer_id = ? order by month_end",
            [ASKING],
        ).fetchall()
    ]
    assert changes == [(before, after) for before, after in itertools.pairwise(classes) if before != after]
    assert changes, "an open risk in June changes it"


def test_contracts_due_and_renewed(told: duckdb.DuckDBPyConnection) -> None:
    """One that ended for good; one renewed ten days late, within the grace. What falls due after as_of has not happened."""
    found = told.execute(
        "select customer_id, event_date::varchar, event_kind, detail, qualifier, event_amount, is_open from marts.fct_customer_timeline"
        " where customer_id in ('salesforce:001C', 'salesforce:001E') and event_kind <> 'class_change' order by customer_id, event_number"
    ).fetchall()
    assert [(row[0].removeprefix("salesforce:"), *row[1:]) for row in found] == [
        ("001C", "2024-04-30", "revenue_change", "churn", "unknown", -84, None),
        ("001C", "2024-03-31", "contract_due", "product", "not_renewed", 84, False),
        ("001C", "2024-01-31", "revenue_change", "new", None, 84, None),
        ("001E", "2024-04-30", "revenue_change", "expansion", None, 12, None),
        ("001E", "2024-04-11", "contract_renewed", "product", "late", 108, None),
        ("001E", "2024-03-31", "contract_due", "product", "renewed", 96, False),
        ("001E", "2024-01-31", "revenue_change", "new", None, 96, None),
    ]


def test_everything_known_in_one_row(told: duckdb.DuckDBPyConnection) -> None:
    found = told.execute("select * from marts.fct_customer_profiles where customer_id = ?", [ASKING])
    row = dict(zip([column[0] for column in found.description or ()], found.fetchone() or (), strict=True))
    assert {name: row[name] for name in row if row[name] is not None and name.endswith(("_count", "_amount", "_rank"))} == {
        "arr_amount": 180, "arr_rank": 1, "case_count": 2, "how_to_case_count": 1, "install_config_case_count": 0, "defect_case_count": 1,
        "usability_performance_case_count": 0, "enhancement_case_count": 0, "other_case_count": 0, "unclassified_case_count": 0,
        "open_case_count": 1, "rated_case_count": 1, "satisfied_case_count": 0, "nps_answer_count": 2, "nps_promoter_count": 1,
        "nps_detractor_count": 1, "perception_answer_count": 1, "open_risk_count": 1, "engagement_count": 1,
    }  # fmt: skip
    assert (row["relationship_status"], row["perception"], str(row["last_engagement_date"])) == (
        "active_recurring",
        "positive",
        "2024-05-20",
    )
    assert row["prior_year_arr_amount"] is None, "no customer a year before"


def test_other_customers(told: duckdb.DuckDBPyConnection) -> None:
    found = {
        row[0].removeprefix("salesforce:"): row[1:]
        for row in told.execute(
            "select customer_id, relationship_status, is_active, arr_amount, case_count, open_risk_count, last_engagement_date"
            " from marts.fct_customer_profiles where customer_id <> ?", [ASKING],
        ).fetchall()
    }  # fmt: skip
    # Support, surveys and risks are there and tell of no case, answer or risk of theirs: nought is known.
    assert found["001B"] == ("active_recurring", True, 120, 0, 0, None)
    assert found["001C"][:3] == ("lost", False, 0)
    assert found["001D"][:3] == (None, False, None)


def test_what_no_system_tells_of_who_matches_nobody_is_unknown(told: duckdb.DuckDBPyConnection) -> None:
    counts = "case_count, defect_case_count, open_case_count, rated_case_count, nps_answer_count, perception_answer_count, open_risk_count"
    found = told.execute(
        f"select customer_id, {counts} from marts.fct_customer_profiles where customer_id like 'unmatched:%' order by 1"
    ).fetchall()
    assert found == [
        ("unmatched:templates:900X", *[None] * 7),
        ("unmatched:templates:900Y", *[None] * 6, 1),
        # The help desk keeps it, and would have told of its cases.
        ("unmatched:zendesk:org-alone", 0, 0, 0, 0, None, None, None),
    ]


def test_health_of_who_matches_nobody_is_not_known_to_be_unwatched(told: duckdb.DuckDBPyConnection) -> None:
    found = told.execute(
        "select customer_id, sentiment_analysis_state, health_monitoring_state from marts.fct_activity_months"
        " where month_end = date '2024-06-30' and customer_id not like '%:001C' order by 1"
    ).fetchall()
    assert found == [
        ("salesforce:001A", "done", "done"),
        ("salesforce:001B", "missing", "unknown"),
        ("salesforce:001E", "missing", "unknown"),
        ("unmatched:templates:900X", "unknown", "unknown"),
        ("unmatched:templates:900Y", "unknown", "unknown"),
    ]


def test_what_no_export_tells_is_unknown(build: Builder) -> None:
    warehouse = build(Company().customer("a").line("a", "2024-01-01", None, 10))
    assert warehouse.rows(
        "select arr_amount, case_count, open_case_count, rated_case_count, nps_answer_count, perception_answer_count, open_risk_count,"
        " engagement_count, active_user_count, last_engagement_date from marts.fct_customer_profiles"
    ) == [(Decimal(120), *[None] * 9)]


def test_changes_of_revenue_add_up_to_the_revenue_of_today(build: Builder) -> None:
    """A random company in constant currency: what a customer has is what its list of events brought it."""
    warehouse: Warehouse = build(draw(11, 60).exports())
    rows = warehouse.rows(
        "with last_month as (select max(month_end) as month_end from marts.fct_customer_months),"
        " brought as (select customer_id, sum(event_amount) as amount from marts.fct_customer_timeline"
        " where event_kind = 'revenue_change' group by customer_id)"
        " select customer_id, arr_amount, amount from marts.fct_customer_months inner join last_month using (month_end)"
        " left join brought using (customer_id) where abs(arr_amount - coalesce(amount, 0)) > 0.001 * 12"
    )
    assert rows == []
