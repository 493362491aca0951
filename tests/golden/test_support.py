"""Support: known answers of one month, and an oracle in Python over a random help desk."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import harness
from tests.golden.warehouse import six

Row = dict[str, Any]

WORDS = {
    "how_to": "How to",
    "install_config": "Installation",
    "defect": "Bug",
    "usability_performance": "Performance",
    "enhancement": "Idea",
    "other": "Billing",
}


class Desk:
    """Customers with a contract, and their tickets."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {}
        self.add("zendesk/user", id="ann", role="end-user")
        self.add("zendesk/user", id="bob", role="agent")

    def add(self, export: str, **row: Any) -> None:
        self.tables.setdefault(export, []).append(row)

    def customer(self, account: str, segment: str) -> None:
        self.add("salesforce/account", id=account, name=account, segment_c=segment, created_date="2024-01-01")
        self.add(
            "templates/contract_lines", contract_line_id=f"L-{account}", account_id=account, start_date="2024-01-01", mrr_amount=10,
        )  # fmt: skip
        self.add("zendesk/organization", id=f"org-{account}", external_id=account, created_at="2024-01-01")

    def case(
        self, account: str, opened: str, closed: str | None, reason: str | None, by: str = "bob", **row: Any
    ) -> str:
        case = f"{len(self.tables.get('zendesk/ticket', ())) + 1}"
        self.add(
            "zendesk/ticket", id=case, created_at=f"{opened} 10:00:00", status="solved" if closed else "open", requester_id="ann",
            organization_id=f"org-{account}", custom_contact_reason=WORDS[reason] if reason else "", **row,
        )  # fmt: skip
        self.add(
            "zendesk/ticket_comment",
            id=f"c{case}",
            ticket_id=case,
            user_id="ann",
            created=f"{opened} 10:00:00",
            public="true",
        )
        if closed:
            self.turn(case, closed, "solved", by)
        return case

    def turn(self, case: str, day: str, status: str, by: str = "bob") -> None:
        self.add(
            "zendesk/ticket_field_history", ticket_id=case, field_name="status", updated=f"{day} 12:00:00", value=status, user_id=by,
        )  # fmt: skip


def value(warehouse: duckdb.DuckDBPyConnection, key: str, *where: str) -> Row:
    row = harness.metric(warehouse, key, *(where or ("month", "2024-05-31")))
    assert row is not None, f"no value for {key}"
    return row


def build(folder: Path, desk: Desk, cache: Path) -> duckdb.DuckDBPyConnection:
    return harness.build(
        folder,
        desk.tables,
        cache,
        as_of_date="2024-06-30",
        min_denominator=1,
        min_coverage=0,
        tested="support|case|session|contributions|ratios",
    )


@pytest.fixture(scope="module")
def may(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Ten cases closed in May: four defects, three how-to, two slow, one that nobody classified; and a spam ticket."""
    desk = Desk()
    desk.customer("001A", "Large")
    desk.customer("001B", "Small")
    reasons = ["defect"] * 4 + ["how_to"] * 3 + ["usability_performance"] * 2 + [None]
    for number, reason in enumerate(reasons):
        # The third way to ask is answered by the bot alone; A asks seven times, B three times.
        case = desk.case(
            "001A" if number < 7 else "001B",
            "2024-05-06",
            "2024-05-08",
            reason,
            by="-1" if number == 6 else "bob",
        )
        if number < 5:
            desk.add(
                "templates/case_articles",
                case_system="zendesk",
                case_id=case,
                article_id="old",
                article_created_at="2024-01-01",
            )
        if number == 0:
            desk.add(
                "templates/case_articles",
                case_system="zendesk",
                case_id=case,
                article_id="new",
                article_created_at="2024-05-07",
            )
    spam = desk.case("001A", "2024-05-06", "2024-05-06", "defect")
    desk.add("zendesk/ticket_tag", ticket_id=spam, tag="spam")
    # Opened in May, closed in June, opened again: open at the end, and asks for a feature.
    again = desk.case("001B", "2024-05-20", "2024-06-03", "enhancement")
    desk.turn(again, "2024-06-05", "open")
    desk.case("001B", "2024-04-10", "2024-06-10", "defect")
    for number in range(10):
        desk.add(
            "templates/self_service_sessions", session_id=f"S{number}", account_id="001A", started_at="2024-05-07",
            found_answer={0: "true", 1: "true", 2: "true", 3: "false"}.get(number, ""),
        )  # fmt: skip
    with build(tmp_path_factory.mktemp("support"), desk, model_cache) as connection:
        yield connection


@pytest.mark.parametrize(
    ("key", "numerator", "denominator", "coverage"),
    [
        ("defect_issue_share", 4, 9, "0.9"),
        ("preventable_case_share", 2, 9, "0.9"),
        ("automated_resolution_share", 1, 10, "1"),
        ("kb_link_rate", 5, 10, "1"),
        ("kb_reuse_rate", 5, 6, "1"),
        ("self_service_success_rate", 3, 4, "0.4"),
        # Eleven cases opened by two active customers; the spam ticket is none.
        ("case_rate_per_customer", 11, 2, "1"),
    ],
)
def test_the_month_of_may(
    may: duckdb.DuckDBPyConnection, key: str, numerator: int, denominator: int, coverage: str
) -> None:
    row = value(may, key)
    assert (row["numerator"], row["denominator"], row["coverage"]) == (numerator, denominator, six(coverage))
    assert row["value"] == six(numerator / denominator)


def test_reasons_of_may_add_up(may: duckdb.DuckDBPyConnection) -> None:
    shares = {
        reason: value(may, "issue_reason_mix", "month", "2024-05-31", "reason", reason)["numerator"]
        for reason in (*WORDS, "unknown")
    }
    assert shares == {
        "how_to": 3, "install_config": 0, "defect": 4, "usability_performance": 2, "enhancement": 0, "other": 0, "unknown": 1,
    }  # fmt: skip
    row = value(may, "issue_reason_mix", "month", "2024-05-31", "reason", "defect")
    assert (row["denominator"], row["coverage"]) == (10, six("0.9"))


def test_members_and_longer_periods_come_from_the_rows(may: duckdb.DuckDBPyConnection) -> None:
    assert value(may, "case_rate_per_customer", "month", "2024-05-31", "segment", "Large")["value"] == 7
    # April, May, June: 1 + 11 + 0 cases over 3 × 2 customer-months; five defects of ten classified cases.
    assert value(may, "case_rate_per_customer", "quarter", "2024-06-30")["value"] == 2
    quarter = value(may, "defect_issue_share", "quarter", "2024-06-30")
    assert (quarter["numerator"], quarter["denominator"]) == (5, 10)
    assert value(may, "feature_request_count")["value"] == 1


def test_a_share_opens_into_its_cases(may: duckdb.DuckDBPyConnection) -> None:
    rows = may.execute(
        "select is_included, exclusion_reason, count(*), sum(numerator) from marts.fct_metric_contributions"
        " where metric_key = 'defect_issue_share' and period_grain = 'month' and period_end = date '2024-05-31' group by all order by all"
    ).fetchall()
    assert (True, None, 9, 4) in rows
    assert (False, "unknown", 1, 0) in rows


def test_a_random_desk_counts_as_python_does(tmp_path: Path, model_cache: Path) -> None:
    dice = random.Random(11)
    desk = Desk()
    for account in ("001A", "001B", "001C"):
        desk.customer(account, "Any")
    first = date(2024, 1, 1)
    opened: Counter[str] = Counter()
    closed: Counter[tuple[str, str | None]] = Counter()
    last_day = date(2024, 6, 30)
    for _ in range(150):
        start = first + timedelta(days=dice.randrange(170))
        reason = dice.choice([*WORDS, None])
        solved = start + timedelta(days=dice.randrange(1, 30))
        case = desk.case(f"001{dice.choice('ABC')}", f"{start}", f"{solved}", reason)
        opened[f"{start:%Y-%m}"] += 1
        turns = [(solved, "solved")]
        if dice.random() < 0.3:
            turns.append((solved + timedelta(days=dice.randrange(1, 10)), "open"))
        if len(turns) == 2 and dice.random() < 0.7:
            turns.append((turns[1][0] + timedelta(days=dice.randrange(1, 10)), "solved"))
        for day, status in turns[1:]:
            desk.turn(case, f"{day}", status)
        day, status = max((turn for turn in turns if turn[0] <= last_day), default=(last_day, "open"))
        if status == "solved":
            closed[f"{day:%Y-%m}", reason] += 1
    with build(tmp_path, desk, model_cache) as warehouse:
        for month in range(1, 7):
            last = (date(2024, month + 1, 1) - timedelta(days=1)).isoformat()
            name = f"2024-{month:02}"
            known = sum(count for (when, reason), count in closed.items() if when == name and reason)
            row = value(warehouse, "defect_issue_share", "month", last)
            assert (row["numerator"], row["denominator"]) == (closed[name, "defect"], known)
            assert value(warehouse, "case_rate_per_customer", "month", last)["numerator"] == opened[name]
