"""Learning systems: hand-made rows in the format of each vendor, and one case per rule of reading them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import harness
from tests.connectors import rows

Row = dict[str, Any]
SYSTEMS = ["salesforce", "skilljar", "templates", "thought_industries"]

EXPORTS: dict[str, list[Row]] = {
    "salesforce/account": [
        {"id": "001A000000000AAIA1", "name": "A Ltd", "created_date": "2024-01-01T00:00:00Z"},
        {"id": "001A000000000BBIB1", "name": "B Ltd", "created_date": "2024-01-01T00:00:00Z"},
    ],
    "thought_industries/users": [
        {
            # The CRM shows ids of 15 and of 18 characters.
            "id": "u-1", "email": "ann@a.example", "sf_account_id": "001A000000000AA", "sf_contact_id": "003A1",
            "external_customer_id": "001A000000000BBIB1", "created_at": "2024-02-01T08:00:00Z",
        },
        {"id": "u-2", "email": "bob@b.example", "external_customer_id": "001A000000000BBIB1", "created_at": "2024-02-01T08:00:00Z"},
        {"id": "u-3", "email": "a.ltd@a.example", "created_at": "2024-02-01T08:00:00Z"},
    ],
    "thought_industries/content": [
        {"id": "c-1", "title": "Basics", "kind": "courseGroup", "status": "published"},
        {"id": "c-2", "title": "Live", "kind": "webinar", "status": "published"},
        {"id": "c-3", "title": "On site", "kind": "inPersonEvent", "status": "published"},
        {"id": "c-4", "title": "?", "kind": "hologram", "status": "published"},
    ],
    "thought_industries/course_completions": [
        {"id": f"e-{number}", "user_detail_id": user, "notifiable_id": content, "type": "course", "timestamp": f"2024-03-0{number}T23:30:00Z"}
        for number, (user, content) in enumerate((("u-1", "c-1"), ("u-1", "c-2"), ("u-2", "c-3"), ("u-3", "c-4"), ("u-9", "c-9")), 1)
    ],
    "thought_industries/assessment_attempts": [
        {
            "user_id": "u-1", "assessment_id": "q-1", "assessment_title": "Working with INSIGHT", "grade": "79", "passed": "false",
            "status": "completed", "created_at": "2024-03-05T10:00:00Z",
        },
        {
            "user_id": "u-1", "assessment_id": "q-1", "assessment_title": "Working with Insight", "grade": "80", "passed": "",
            "status": "completed", "created_at": "2024-03-06T10:00:00Z",
        },
        {"user_id": "u-2", "assessment_id": "q-2", "assessment_title": "Poetry", "grade": "50", "status": "started", "created_at": "2024-03-06T10:00:00Z"},
        {"user_id": "u-2", "assessment_id": "q-2", "assessment_title": "Poetry", "status": "completed", "created_at": "2024-03-07T10:00:00Z"},
        {"user_id": "u-2", "assessment_id": "q-2", "assessment_title": "Poetry", "grade": "101", "status": "completed", "created_at": "2024-03-08T10:00:00Z"},
    ],
    "thought_industries/learning_path_actions": [
        {"user_detail_id": "u-1", "learning_path_sku": "p-1", "type": "learningPathStarted", "timestamp": "2024-03-01T10:00:00Z"},
        {"user_detail_id": "u-1", "learning_path_sku": "p-1", "milestone_title": "First", "type": "learningPathCompleted", "timestamp": "2024-03-02T10:00:00Z"},
        {"user_detail_id": "u-1", "learning_path_sku": "p-1", "type": "learningPathCompleted", "timestamp": "2024-03-03T10:00:00Z"},
        {"user_detail_id": "u-2", "learning_path_sku": "p-1", "type": "learningPathViewed", "timestamp": "2024-03-03T10:00:00Z"},
    ],
    "thought_industries/course_actions": [
        {"user_detail_id": "u-2", "course_sku": "c-1", "course_title": "Basics", "type": "courseStarted", "timestamp": "2024-01-20T10:00:00Z"},
        {"user_detail_id": "u-2", "course_sku": "c-1", "course_title": "Basics", "type": "courseCompleted", "timestamp": "2024-01-21T10:00:00Z"},
        {"user_detail_id": "u-2", "course_sku": "c-1", "course_title": "Basics", "type": "courseViewed", "timestamp": "2024-01-22T10:00:00Z"},
    ],
    "thought_industries/course_purchases": [
        {"order_id": f"o-{number}", "sku": "c-1", "quantity": "1", "coupon_code": code, "success": success, "timestamp": "2024-03-10T10:00:00Z"}
        for number, (code, success) in enumerate((("LEARN-2", "true"), ("LEARN-3", "false"), ("", "true"), ("LEARN-4", "")))
    ],
    "thought_industries/code_redemptions": [
        {"redemption_code": "LEARN-1", "redemption_code_group_label": "Spring", "timestamp": "2024-03-09T10:00:00Z"},
    ],
    "skilljar/user": [
        {"id": "s-1", "email": "cat@b.example", "account_id": "001A000000000BBIB1", "_fivetran_synced": "2024-03-10T00:00:00Z"},
        {"id": "s-2", "email": "dan@d.example", "_fivetran_synced": "2024-03-10T00:00:00Z"},
    ],
    "skilljar/published_course_enrollment": [
        {
            "id": "n-1", "user_id": "s-1", "published_course_id": "k-1", "enrolled_at": "2024-03-01T10:00:00Z",
            "completed_at": "2024-03-02T10:00:00Z", "certificate_issued_at": "2024-03-03T10:00:00Z",
        },
        {"id": "n-2", "user_id": "s-2", "published_course_id": "k-1", "enrolled_at": "2024-03-01T10:00:00Z"},
    ],
    "templates/training_completions": [
        {"completion_id": "T1", "account_id": "001A000000000AAIA1", "user_id": "ann@a.example", "mode": "Coaching", "completed_date": "2024-03-04", "rating": "4.5"},
        {"completion_id": "T2", "account_id": "001A000000000AAIA1", "mode": "Telepathy", "completed_date": "2024-03-04", "rating": "6"},
        {"completion_id": "T3", "account_id": "001A000000000AAIA1", "mode": "Telepathy", "completed_date": "2024-03-04"},
    ],
}  # fmt: skip


def key(text: str) -> str:
    """What the macro hashed_key makes of a text without a salt."""
    return hashlib.sha256(f"|{text}".encode()).hexdigest()


@pytest.fixture(scope="module")
def warehouse(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    with harness.build(
        tmp_path_factory.mktemp("learning"),
        EXPORTS,
        model_cache,
        systems=SYSTEMS,
        tested="learn|train|assess|certif|skill|thought|proficien",
    ) as connection:
        yield connection


def test_learners_belong_to_the_account_whose_id_they_carry_and_to_no_other(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """By Salesforce id, long or short, else by the company's own; whoever carries none is nobody's, whatever the e-mail address says."""
    found = rows(
        warehouse,
        "select distinct learner_key, customer_id from intermediate.int_learners left join intermediate.int_customer_identity using (account_key)"
        " where int_learners.system in ('thought_industries', 'skilljar')",
    )
    assert dict(found) == {
        key("thought_industries:u-1"): "salesforce:001A000000000AAIA1",
        key("thought_industries:u-2"): "salesforce:001A000000000BBIB1",
        key("thought_industries:u-3"): None,
        key("skilljar:s-1"): "salesforce:001A000000000BBIB1",
        key("skilljar:s-2"): None,
    }


def test_a_user_of_the_product_is_the_learner_with_the_very_same_id(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    ids = {
        user for (user,) in rows(warehouse, "select user_key from intermediate.int_learners where learner_key = "
                                 f"'{key('thought_industries:u-1')}'")
    }  # fmt: skip
    assert ids == {key("u-1"), key("003A1"), key("ann@a.example")}
    assert rows(warehouse, "select user_key from intermediate.int_learners where system = 'templates'") == [
        (key("ann@a.example"),)
    ]


def test_completions_have_a_mode_by_their_kind(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        warehouse,
        "select completion_key, mode, completed_date, rating from intermediate.int_training_completions order by completion_key",
    )
    assert found == [
        ("skilljar:n-1", "self_paced", date(2024, 3, 2), None),
        ("templates:T1", "live_coaching", date(2024, 3, 4), Decimal("4.5")),
        ("templates:T3", "unknown", date(2024, 3, 4), None),
        ("thought_industries:e-1", "self_paced", date(2024, 3, 1), None),
        ("thought_industries:e-2", "ilt_virtual", date(2024, 3, 2), None),
        ("thought_industries:e-3", "ilt_in_person", date(2024, 3, 3), None),
        ("thought_industries:e-4", "unknown", date(2024, 3, 4), None),
        ("thought_industries:e-5", "unknown", date(2024, 3, 5), None),
    ]
    rejected = rows(
        warehouse, "select table_name, reason from marts.dq_rejected_rows order by table_name, reason"
    )
    assert [(table, "between" in reason) for table, reason in rejected] == [
        ("assessment_attempts", True),
        ("training_completions", True),
    ]


def test_attempts_count_once_they_have_a_result(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        warehouse,
        "select skill_key, skill_type, score, is_passed, assessed_date from intermediate.int_assessments order by assessed_at",
    )
    assert found == [
        ("thought_industries:q-1", "technical", 79, False, date(2024, 3, 5)),
        ("thought_industries:q-1", "technical", 80, True, date(2024, 3, 6)),
    ]


def test_steps_are_of_the_whole_path_and_certificates_do_not_expire_by_themselves(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        warehouse,
        "select step_type, subject_id, step_date, account_key is null from intermediate.int_learning_steps order by all",
    ) == [
        ("course_completed", "c-1", date(2024, 1, 21), False),
        ("course_started", "c-1", date(2024, 1, 20), False),
        ("incentive_redeemed", "LEARN-1", date(2024, 3, 9), True),
        ("incentive_redeemed", "LEARN-2", date(2024, 3, 10), True),
        ("incentive_redeemed", "LEARN-4", date(2024, 3, 10), True),
        ("path_assigned", "p-1", date(2024, 3, 1), False),
        ("path_completed", "p-1", date(2024, 3, 3), False),
        ("unknown", "c-1", date(2024, 1, 22), False),
        ("unknown", "p-1", date(2024, 3, 3), False),
    ]
    # A learner has access from the first trace of it on; who completed a course takes part by course_completions alone.
    assert rows(
        warehouse,
        "select distinct from_date from intermediate.int_proficiency_spans where span_kind = 'access'"
        f" and occasion_key = '{key('thought_industries:u-2')}'",
    ) == [(date(2024, 1, 20),)]
    assert rows(warehouse, "select issued_date, expires_date from intermediate.int_certificates") == [
        (date(2024, 3, 3), None)
    ]
