"""Jira: the vendor's own sample rows unchanged, one small issue per rule of reading it, and what issues make of cases."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import harness
from tests.connectors import VENDOR_SAMPLES, build_files, rows

SAMPLES = VENDOR_SAMPLES / "jira"

Row = dict[str, Any]


# ---- the vendor's sample rows ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    if not SAMPLES.is_dir():
        pytest.skip(
            f"the vendor's sample rows are not committed and not found at {SAMPLES}; set POSTSALE_SHARED_DATA"
        )
    root = tmp_path_factory.mktemp("jira_samples")
    with build_files(root, "jira", SAMPLES.glob("*.csv"), model_cache) as connection:
        yield connection


@pytest.mark.parametrize(
    "table",
    [
        "component",
        "issue",
        "issue_field_history",
        "issue_link",
        "issue_multiselect_history",
        "issue_type",
        "project",
        "resolution",
        "status",
        "version",
    ],
)
def test_sample_rows_stage_unchanged(samples: duckdb.DuckDBPyConnection, table: str) -> None:
    with (SAMPLES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        count = len(list(csv.DictReader(file)))
    statuses = rows(samples, f"select _row_status, count(*) from staging.base_jira__{table} group by all")
    assert statuses == [("accepted", count)]


# ---- scenarios ------------------------------------------------------------------------------------------------------


class Tracker:
    """Raw rows of Jira and of the help desk, written with as few words as a scenario needs."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {}
        self.names("issue_type", bug="Bug", story="Story")
        self.names("status", todo="To Do", done="Done")
        self.names(
            "resolution",
            fixed="Fixed",
            wad="Works as Designed",
            unseen="Cannot Reproduce",
            dup="Duplicate",
            odd="Sent to the moon",
        )
        self.names("component", c1="Insight", c2="Elsewhere")
        self.names("project", p1="Platform", p2="Flow")
        self.add("jira/version", id="v2", name="2.0", release_date="2024-02-01")
        self.add("jira/version", id="v1", name="1.0", release_date="2024-01-01")
        for family in ("Insight", "Flow"):
            self.add(
                "templates/products", product_id=family, product_name=f"{family} Basic", product_family=family
            )

    def add(self, export: str, **row: Any) -> None:
        self.tables.setdefault(export, []).append(row)

    def names(self, table: str, **names: str) -> None:
        for key, name in names.items():
            self.add(f"jira/{table}", id=key, name=name)

    def issue(self, issue: str, resolution: str = "", **row: Any) -> None:
        """A bug of 4 March 2024; if resolved, on 8 March."""
        defaults = {
            "key": f"TP-{issue}",
            "project": "p1",
            "issue_type": "bug",
            "created": "2024-03-04 10:00:00",
            "status": "done" if resolution else "todo",
            "resolution": resolution,
            "resolved": "2024-03-08 10:00:00" if resolution else "",
        }
        self.add("jira/issue", **{"id": issue, **defaults, **row})

    def turns(self, issue: str, at: str, value: str, field: str = "resolution") -> None:
        self.add(
            "jira/issue_field_history",
            issue_id=issue,
            field_id=field,
            time=f"2024-03-{at} 10:00:00",
            value=value,
        )

    def has(self, issue: str, field: str, value: str, is_active: str = "true") -> None:
        number = len(self.tables.get("jira/issue_multiselect_history", []))
        self.add(
            "jira/issue_multiselect_history", _fivetran_id=f"m{number}", issue_id=issue, field_id=field, value=value,
            time="2024-03-04 10:00:00", is_active=is_active,
        )  # fmt: skip

    def copies(self, issue: str, original: str) -> None:
        self.add("jira/issue_link", issue_id=issue, related_issue_id=original, relationship="Duplicates")

    def case(self, case: str, *issues: str, reason: str = "", **row: Any) -> None:
        """A ticket of 5 March that names issues by their keys."""
        keys = ", ".join(f"TP-{issue}" for issue in issues)
        self.add(
            "zendesk/ticket", id=case, created_at="2024-03-05 10:00:00", status="open", custom_contact_reason=reason,
            custom_jira_issue_keys=keys, **row,
        )  # fmt: skip


def scenarios() -> Tracker:
    tracker = Tracker()
    tracker.issue("open")
    tracker.issue(
        "fixed",
        "fixed",
        time_spent="100",
        custom_customer_reported="true",
        custom_zendesk_ticket_ids="by-number, [fixed]",
    )
    tracker.turns("fixed", "07", "fixed")
    tracker.issue("again")
    tracker.turns("again", "07", "fixed")
    tracker.turns("again", "08", "")
    tracker.issue("wad", "wad")
    tracker.issue("unseen", "unseen")
    tracker.issue("odd", "odd")
    tracker.issue("copy of wad", "dup", key="TP-copy")
    tracker.copies("copy of wad", "wad")
    tracker.issue("copy of copy", "dup", key="TP-copycopy")
    tracker.copies("copy of copy", "copy of wad")
    tracker.issue("copy of fixed", "dup", key="TP-copyfixed")
    tracker.copies("copy of fixed", "fixed")
    tracker.issue("copy not named", "fixed", key="TP-fixedcopy")
    tracker.copies("copy not named", "wad")
    tracker.issue("lonely copy", "dup", key="TP-lonely")
    tracker.issue("story", "wad", issue_type="story")
    tracker.issue("deleted", "fixed", _fivetran_deleted="true")

    tracker.issue("placed", project="p2")
    tracker.has("placed", "components", "c1")
    tracker.has("placed", "components", "c2", "false")
    tracker.has("placed", "versions", "v2")
    tracker.has("placed", "versions", "v1")
    tracker.has("placed", "fixVersions", "v2")
    tracker.issue("by project", project="p2", key="TP-project")
    tracker.has("by project", "components", "c2")

    tracker.case("fixed", "fixed", reason="How to")
    tracker.case("open", "open", reason="How to")
    tracker.case("again", "again")
    tracker.case("wad", "wad", reason="Bug")
    tracker.case("unseen", "unseen", reason="Bug")
    tracker.case("copy of wad", "copy", reason="Bug")
    tracker.case("copy of copy", "copycopy", reason="Bug")
    tracker.case("copy of fixed", "copyfixed", reason="How to")
    tracker.case("lonely copy", "lonely", reason="How to")
    tracker.case("not a copy", "fixedcopy", reason="How to")
    tracker.case("both", "wad", "fixed", reason="How to")
    tracker.case("story", "story", reason="Feature request")
    tracker.case("problem", reason="How to", problem_id="9")
    tracker.case("refuted problem", "wad", problem_id="9")
    tracker.case("no issue", reason="Bug")
    tracker.case("nothing")
    tracker.case("by-number")
    tracker.case("by hand")
    for defect in ("open", "TP-open"):
        tracker.add(
            "templates/case_defects",
            case_system="Zendesk",
            case_id="by hand",
            defect_system="jira",
            defect_id=defect,
        )
    return tracker


@pytest.fixture(scope="module")
def tracker(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    with harness.build(
        tmp_path_factory.mktemp("jira"),
        scenarios().tables,
        model_cache,
        tested="jira|_case|_defect|product_words",
    ) as connection:
        yield connection


def defect(tracker: duckdb.DuckDBPyConnection, name: str, columns: str) -> tuple[Any, ...]:
    (row,) = rows(tracker, f"select {columns} from intermediate.int_defects where defect_key = 'jira:{name}'")
    return row


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("open", (None, None, False)),
        # The history says on the 7th; what Jira shows today was stamped later.
        ("fixed", (datetime.fromisoformat("2024-03-07 10:00:00"), "fixed", False)),
        ("again", (None, None, False)),
        ("wad", (datetime.fromisoformat("2024-03-08 10:00:00"), "works_as_designed", False)),
        ("unseen", (datetime.fromisoformat("2024-03-08 10:00:00"), "cannot_reproduce", False)),
        ("odd", (datetime.fromisoformat("2024-03-08 10:00:00"), None, True)),
        ("copy of wad", (datetime.fromisoformat("2024-03-08 10:00:00"), "duplicate", False)),
        ("copy not named", (datetime.fromisoformat("2024-03-08 10:00:00"), "fixed", False)),
    ],
)
def test_resolutions_follow_the_map_and_an_issue_opened_again_is_open(
    tracker: duckdb.DuckDBPyConnection, name: str, expected: tuple[Any, ...]
) -> None:
    assert defect(tracker, name, "resolved_at, resolution_class, is_resolution_unmapped") == expected


def test_only_bugs_are_defects_and_deleted_issues_are_none(tracker: duckdb.DuckDBPyConnection) -> None:
    assert defect(tracker, "story", "is_bug") == (False,)
    assert defect(tracker, "fixed", "is_bug, is_customer_reported, cast(engineering_minutes as varchar)") == (
        True,
        True,
        "1.666667",
    )
    assert rows(
        tracker, "select count(*) from intermediate.int_defects where defect_key = 'jira:deleted'"
    ) == [(0,)]


def test_product_and_release_come_from_the_values_that_hold(tracker: duckdb.DuckDBPyConnection) -> None:
    columns = "product_name, product_family, release_name, fixed_release_name"
    assert defect(tracker, "placed", columns) == ("Insight", "Insight", "1.0", "2.0")
    # A component that is no product leaves the project to tell.
    assert defect(tracker, "by project", columns) == ("Elsewhere", "Flow", None, None)
    assert defect(tracker, "open", columns) == ("Platform", None, None, None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fixed", "defect"),
        ("open", "defect"),
        ("again", "defect"),
        ("wad", "how_to"),
        ("unseen", "how_to"),
        ("copy of wad", "how_to"),
        ("copy of copy", "how_to"),
        ("copy of fixed", "defect"),
        ("lonely copy", "defect"),
        ("not a copy", "defect"),
        ("both", "defect"),
        ("story", "enhancement"),
        ("problem", "defect"),
        ("refuted problem", "how_to"),
        ("no issue", "defect"),
        ("nothing", None),
        ("by-number", "defect"),
        ("by hand", "defect"),
    ],
)
def test_linked_bugs_decide_what_a_case_was(
    tracker: duckdb.DuckDBPyConnection, name: str, expected: str | None
) -> None:
    assert rows(
        tracker,
        f"select confirmed_reason from intermediate.int_case_classes where case_key = 'zendesk:{name}'",
    ) == [(expected,)]


def test_a_link_told_twice_is_one_link(tracker: duckdb.DuckDBPyConnection) -> None:
    links = "select defect_key, system from intermediate.int_case_defects where case_key = 'zendesk:{}'"
    assert rows(tracker, links.format("fixed")) == [("jira:fixed", "jira")]
    assert rows(tracker, links.format("by hand")) == [("jira:open", "templates")]


def test_an_unknown_resolution_is_listed(tracker: duckdb.DuckDBPyConnection) -> None:
    finding = "resolution of a defect is not in the resolution map"
    assert rows(tracker, f"select subject_id from marts.dq_findings where finding = '{finding}'") == [
        ("jira:odd",)
    ]
