"""The templates for self-service, knowledge links, costs and fixes, and what RavenStack's tickets tell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import harness
from tests.connectors import rows

Row = dict[str, Any]

EXPORTS: dict[str, list[Row]] = {
    "templates/customers": [{"account_id": "A", "account_name": "A Ltd"}],
    "templates/self_service_sessions": [
        {
            "session_id": "S1", "account_id": "A", "user_id": "ann@a.example", "started_at": "2024-03-04 10:00:00", "is_entitled": "yes",
            "found_answer": "true", "intended_case": "false", "no_further_action": "true", "channel": "Help_Center", "article_id": "a1",
        },
        {"session_id": "S2", "started_at": "2024-03-05 10:00:00"},
        {"session_id": "S3", "account_id": "B", "started_at": "2024-03-05 11:00:00"},
    ],
    "templates/case_articles": [
        {"case_system": "Zendesk", "case_id": "1", "article_id": "a1", "linked_at": "2024-03-05 10:00:00", "article_created_at": "2020-01-01"},
        {"case_system": "zendesk", "case_id": "1", "article_id": "a2", "link_type": "Created", "article_created_at": "2024-03-05"},
        {"case_system": "zendesk", "case_id": "2", "article_id": "a1"},
    ],
    "templates/service_costs": [
        {"cost_id": "C1", "period_month": "2024-02-01", "service_line": "Professional Services", "amount": "1000.50", "currency": "eur"},
        {"cost_id": "C2", "period_month": "2024-02-01", "service_line": "support", "region": "EMEA", "amount": "2000", "is_investment": "1"},
        {"cost_id": "C3", "period_month": "2024-02-01", "service_line": "support", "amount": ""},
    ],
    "templates/labour_rates": [{"rate_id": "R1", "role": "Support", "valid_from": "2024-01-01", "hourly_cost": "55.25"}],
    "templates/cause_fixes": [{"cause": "Import times out", "fixed_date": "2024-02-01"}],
    "zendesk/ticket": [{"id": "1", "created_at": "2024-03-04 10:00:00", "status": "open"}],
    "zendesk/article": [{"id": "a1", "created_at": "2024-01-01 00:00:00"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    with harness.build(
        tmp_path_factory.mktemp("support_templates"),
        EXPORTS,
        model_cache,
        tested="session|case_art|costs|rates|fixes",
    ) as connection:
        yield connection


def test_visitors_become_salted_keys_and_unanswered_questions_stay_unknown(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    key = hashlib.sha256(f"{harness.SALT}|ann@a.example".encode()).hexdigest()
    assert rows(
        warehouse,
        "select account_key, user_key, channel, is_entitled, is_answer_found, is_case_intended, is_nothing_further_needed"
        " from intermediate.int_self_service_sessions order by session_key limit 2",
    ) == [
        ("templates:A", key, "help_center", True, True, False, True),
        (None, None, None, False, None, None, None),
    ]


def test_an_account_that_only_a_session_mentions_is_a_customer_without_a_record(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        warehouse, "select account_key, has_record from intermediate.int_customer_identity order by 1"
    ) == [("templates:A", True), ("templates:B", False)]


def test_the_help_center_knows_best_when_an_article_was_written(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        warehouse,
        "select case_key, article_key, is_created, article_created_at from intermediate.int_case_articles order by 1, 2",
    ) == [
        ("zendesk:1", "zendesk:a1", False, datetime.fromisoformat("2024-01-01 00:00:00")),
        ("zendesk:1", "zendesk:a2", True, datetime.fromisoformat("2024-03-05 00:00:00")),
        ("zendesk:2", "zendesk:a1", False, datetime.fromisoformat("2024-01-01 00:00:00")),
    ]
    finding = "article is linked to a case that is not there"
    assert rows(warehouse, f"select detail from marts.dq_findings where finding = '{finding}'") == [
        ("zendesk:2",)
    ]


def test_costs_and_rates_need_their_amounts(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        warehouse,
        "select cost_month, service_line, region, amount, currency, is_investment from intermediate.int_service_costs order by cost_key",
    ) == [
        (date(2024, 2, 1), "professional_services", None, Decimal("1000.5"), "EUR", False),
        (date(2024, 2, 1), "support", "EMEA", Decimal(2000), None, True),
    ]
    assert rows(
        warehouse, "select reason from marts.dq_rejected_rows where table_name = 'service_costs'"
    ) == [("amount is empty",)]
    assert rows(warehouse, "select role, region, hourly_amount from intermediate.int_labour_rates") == [
        ("support", None, Decimal("55.25"))
    ]
    assert rows(warehouse, "select cause, fixed_date from intermediate.int_cause_fixes") == [
        ("Import times out", date(2024, 2, 1))
    ]


def test_ravenstack_tickets_are_cases_without_reasons(tmp_path: Path, model_cache: Path) -> None:
    tickets = [
        {"ticket_id": "T1", "account_id": "A", "submitted_at": "2024-01-01", "closed_at": "2024-01-02 03:00:00", "resolution_time_hours": "27.0",
         "priority": "high", "first_response_time_minutes": "74", "satisfaction_score": "4.0"},
        {"ticket_id": "T2", "account_id": "A", "submitted_at": "2024-01-03", "closed_at": "2024-01-04 00:00:00", "satisfaction_score": "3.0"},
        {"ticket_id": "T3", "account_id": "A", "submitted_at": "2024-01-03"},
    ]  # fmt: skip
    with harness.build(
        tmp_path, {"ravenstack/support_tickets": tickets}, model_cache, tested="int_cases"
    ) as connection:
        assert rows(
            connection,
            "select case_id, is_closed, first_reply_minutes, resolution_minutes, resolution_basis, severity, final_reason, is_satisfied,"
            " rated_date, is_automated, is_in_scope from intermediate.int_cases order by 1",
        ) == [
            ("T1", True, 74, 1620, "calendar", "high", None, True, date(2024, 1, 2), None, True),
            ("T2", True, None, None, None, None, None, False, date(2024, 1, 4), None, True),
            ("T3", False, None, None, None, None, None, None, None, None, True),
        ]
