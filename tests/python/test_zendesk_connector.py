"""Zendesk: the vendor's own sample rows unchanged, and one small ticket per rule of reading it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import harness
from tests.connectors import VENDOR_SAMPLES, build, build_files, rows
from tests.harness import reason_key, write_csv

SAMPLES = VENDOR_SAMPLES / "zendesk"

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
    root = tmp_path_factory.mktemp("zendesk_samples")
    with build_files(root, "zendesk", SAMPLES.glob("*.csv"), model_cache) as connection:
        yield connection


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("ticket", ["id"]),
        ("organization", ["id"]),
        ("user", ["id"]),
        ("ticket_field_history", ["ticket_id", "field_name", "updated"]),
        ("ticket_comment", ["id"]),
        ("ticket_tag", ["ticket_id", "tag"]),
    ],
)
def test_sample_rows_stage_unchanged(samples: duckdb.DuckDBPyConnection, table: str, key: list[str]) -> None:
    with (SAMPLES / f"{table}_data.csv").open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    statuses = dict(
        rows(samples, f"select _row_status, count(*) from staging.base_zendesk__{table} group by all")
    )
    assert sum(statuses.values()) == len(records)
    assert set(statuses) <= {"accepted", "exact_duplicate", "superseded"}
    assert statuses["accepted"] == len({tuple(record[name] for name in key) for record in records})


def test_a_sample_ticket_with_a_history_tells_its_whole_story(samples: duckdb.DuckDBPyConnection) -> None:
    """Ticket 11071 is solved on 2020-11-14 and closed a day later; 1967 was merged into 1966, which lives on."""
    assert rows(
        samples,
        "select case_status, closed_at, reopen_count, resolution_basis, severity, is_in_scope from intermediate.int_cases where case_id = '11071'",
    ) == [("closed", datetime.fromisoformat("2020-11-14 11:01:27"), 0, "calendar", "urgent", True)]
    assert rows(
        samples,
        "select case_id, exclusion_reason from intermediate.int_cases where not is_in_scope order by 1",
    ) == [("11013", "deleted"), ("1595", "deleted")]


# ---- scenarios: one ticket each --------------------------------------------------------------------------------------


class Desk:
    """Raw Zendesk rows, written with as few words as a scenario needs."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {}
        self.add("user", id="ann", role="end-user", organization_id="org")
        self.add("user", id="bob", role="agent")
        self.add("user", id="eve", role="admin")
        self.add("organization", id="org", name="Org Ltd", external_id="001A")

    def add(self, table: str, **row: Any) -> None:
        self.tables.setdefault(table, []).append(row)

    def ticket(self, ticket: str, **row: Any) -> None:
        """Opened by Ann on 4 March at 10:00, with her question as the first comment."""
        defaults = {
            "created_at": "2024-03-04 10:00:00",
            "updated_at": "2024-03-04 10:00:00",
            "status": "open",
            "organization_id": "org",
            "requester_id": "ann",
            "submitter_id": "ann",
            "via_channel": "Web",
        }
        self.add("ticket", **{"id": ticket, **defaults, **row})

    def says(self, ticket: str, user: str, at: str, public: str = "true") -> None:
        number = len(self.tables.get("ticket_comment", []))
        self.add(
            "ticket_comment",
            id=f"c{number:03}",
            ticket_id=ticket,
            user_id=user,
            created=f"2024-03-{at}",
            public=public,
        )

    def turns(self, ticket: str, at: str, value: str, field: str = "status", user: str = "bob") -> None:
        self.add(
            "ticket_field_history",
            ticket_id=ticket,
            field_name=field,
            updated=f"2024-03-{at}",
            value=value,
            user_id=user,
        )

    def write(self, folder: Path) -> None:
        for table, records in self.tables.items():
            write_csv(folder / "zendesk" / f"{table}.csv", records)


def scenarios() -> Desk:
    desk = Desk()
    desk.ticket("reopened", status="closed")
    for at, value in (
        ("05 10:00", "solved"),
        ("06 10:00", "open"),
        ("07 12:30", "solved"),
        ("11 10:00", "closed"),
    ):
        desk.turns("reopened", f"{at}:00", value)
    desk.ticket("open again")
    desk.turns("open again", "05 10:00:00", "solved")
    desk.turns("open again", "06 10:00:00", "open", user="ann")
    desk.ticket("no history", status="solved")
    desk.add("ticket_metric", ticket_id="no history", solved_at="2024-03-08 10:00:00")
    desk.ticket("no day", status="closed")
    desk.ticket("on hold", status="hold")

    desk.ticket("answered")
    desk.says("answered", "ann", "04 10:00:00")
    desk.says("answered", "bob", "04 10:20:00", public="false")
    desk.says("answered", "-1", "04 10:25:00")
    desk.says("answered", "ann", "04 10:30:00")
    desk.says("answered", "eve", "04 11:00:30")
    desk.says("answered", "bob", "04 12:00:00")
    desk.ticket("called", submitter_id="bob", via_channel="voice")
    desk.says("called", "bob", "04 10:00:00")
    desk.ticket("unknown author")
    desk.says("unknown author", "ann", "04 10:00:00")
    desk.says("unknown author", "zoe", "04 11:00:00")
    desk.ticket("bot", status="solved")
    desk.says("bot", "ann", "04 10:00:00")
    desk.says("bot", "-1", "04 10:01:00")
    desk.turns("bot", "04 10:02:00", "solved", user="-1")
    desk.ticket("closed by hand", status="solved")
    desk.says("closed by hand", "ann", "04 10:00:00")
    desk.turns("closed by hand", "04 11:00:00", "solved")
    desk.ticket("nothing known", status="solved")

    desk.ticket("measured", status="solved")
    desk.says("measured", "ann", "04 10:00:00")
    desk.says("measured", "bob", "04 12:00:00")
    desk.turns("measured", "06 10:00:30", "solved")
    minutes = {
        "reply_time_in_minutes": '{"business": 40, "calendar": 120}',
        "full_resolution_time_in_minutes": '{"business": 960, "calendar": 2880}',
    }
    desk.add("ticket_metric", ticket_id="measured", solved_at="2024-03-06 10:00:30", **minutes)
    desk.ticket("measured too early", status="solved")
    desk.turns("measured too early", "07 10:00:00", "solved")
    desk.add("ticket_metric", ticket_id="measured too early", solved_at="2024-03-05 10:00:00", **minutes)

    desk.ticket("merged away")
    desk.ticket("survivor", merged_ticket_ids='["merged", 17]')
    desk.ticket("17")
    desk.ticket("tagged merged")
    desk.add("ticket_tag", ticket_id="tagged merged", tag="closed_by_merge")
    desk.add("ticket_tag", ticket_id="tagged merged", tag="spam")
    desk.ticket("spam")
    desk.add("ticket_tag", ticket_id="spam", tag="SPAM")
    desk.ticket("twice")
    desk.add("ticket_tag", ticket_id="twice", tag="duplicate")
    desk.ticket("among agents", requester_id="eve", organization_id="")
    desk.ticket("deleted", status="deleted")
    desk.ticket("gone", _fivetran_deleted="true")

    desk.ticket("bug after all", custom_contact_reason="Bug")
    desk.turns("bug after all", "04 10:00:00", "How to", "custom_contact_reason", "ann")
    desk.turns("bug after all", "05 10:00:00", "Bug", "custom_contact_reason")
    desk.ticket("slow", custom_contact_reason=" Performance ", type="incident")
    desk.ticket("only a type", type="question")
    desk.ticket("only an incident", type="incident", problem_id="p1")
    desk.ticket("own words", custom_contact_reason="Robin was rude")

    desk.ticket("of the user", organization_id="")
    desk.add("user", id="alone", role="end-user")
    desk.ticket("of nobody", organization_id="", requester_id="alone")

    desk.ticket("good", status="solved")
    desk.turns("good", "05 10:00:00", "offered", "satisfaction_score", "-1")
    desk.turns("good", "06 10:00:00", "good", "satisfaction_score", "ann")
    desk.add("satisfaction_rating", id="r1", ticket_id="good", score="bad", created_at="2024-03-06 09:00:00")
    desk.ticket("bad")
    desk.add(
        "satisfaction_rating",
        id="r2",
        ticket_id="bad",
        score="good",
        created_at="2024-03-06 09:00:00",
        updated_at="2024-03-06 09:00:00",
    )
    desk.add(
        "satisfaction_rating",
        id="r3",
        ticket_id="bad",
        score="bad_with_comment",
        created_at="2024-03-06 09:00:00",
        updated_at="2024-03-07 09:00:00",
    )
    desk.ticket("offered")
    desk.add(
        "satisfaction_rating", id="r4", ticket_id="offered", score="offered", created_at="2024-03-06 09:00:00"
    )

    desk.ticket(
        "worked on", custom_total_time_spent_sec="100", custom_sentiment="very_negative", priority="Urgent"
    )
    desk.ticket("linked", custom_jira_issue_keys="TP-8, TP-9;TP-8")

    for number, (name, fields) in enumerate(
        (
            ("field", {"custom_salesforce_id": "001B", "external_id": "x"}),
            ("json", {"organization_fields": '{"salesforce_id": "001C"}'}),
        )
    ):
        desk.add("organization", id=name, name=f"Org {number}", created_at="2024-01-01 00:00:00", **fields)
    desk.add("article", id="a1", created_at="2024-01-01 00:00:00", draft="false", outdated="true")
    desk.add("article", id="a2", created_at="2024-01-01 00:00:00", draft="true")
    for number, (item, kind, worth) in enumerate(
        (("a1", "Article", 1), ("a1", "Article", 1), ("a1", "Article", -1), ("a1", "Post", 1))
    ):
        desk.add(
            "vote",
            id=f"v{number}",
            item_id=item,
            item_type=kind,
            value=worth,
            created_at="2024-02-01 00:00:00",
        )
    return desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    root = tmp_path_factory.mktemp("zendesk")
    scenarios().write(root / "raw")
    with build(root, "zendesk", model_cache) as connection:
        yield connection


def case(desk: duckdb.DuckDBPyConnection, name: str, columns: str) -> tuple[Any, ...]:
    (row,) = rows(desk, f"select {columns} from intermediate.int_cases where case_id = '{name}'")
    return row


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("reopened", ("closed", True, datetime.fromisoformat("2024-03-07 12:30:00"), 1, 4470)),
        ("open again", ("open", False, None, 1, None)),
        ("no history", ("solved", True, datetime.fromisoformat("2024-03-08 10:00:00"), None, 5760)),
        ("no day", ("closed", True, None, None, None)),
        ("on hold", ("on_hold", False, None, None, None)),
    ],
)
def test_a_case_is_closed_by_its_last_solving(
    desk: duckdb.DuckDBPyConnection, name: str, expected: tuple[Any, ...]
) -> None:
    assert case(desk, name, "case_status, is_closed, closed_at, reopen_count, resolution_minutes") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # Neither the question nor a note, neither the bot nor the customer: the admin's public answer, 60 whole minutes on.
        ("answered", (datetime.fromisoformat("2024-03-04 11:00:30"), 60, "calendar", 2, 3)),
        # An agent types in what the customer says on the phone: a touch, and no reply.
        ("called", (None, None, None, 0, 1)),
        ("unknown author", (None, None, None, None, None)),
        ("nothing known", (None, None, None, None, None)),
    ],
)
def test_a_reply_is_public_and_by_an_agent(
    desk: duckdb.DuckDBPyConnection, name: str, expected: tuple[Any, ...]
) -> None:
    columns = "first_reply_at, first_reply_minutes, first_reply_basis, reply_count, agent_touch_count"
    assert case(desk, name, columns) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("bot", True), ("closed by hand", False), ("nothing known", None), ("answered", None)],
)
def test_a_case_is_automated_if_it_is_closed_and_no_agent_did_anything(
    desk: duckdb.DuckDBPyConnection, name: str, expected: bool | None
) -> None:
    assert case(desk, name, "is_automated") == (expected,)


def test_business_minutes_of_the_vendor_count_where_they_end_at_the_same_solving(
    desk: duckdb.DuckDBPyConnection,
) -> None:
    columns = "first_reply_minutes, first_reply_basis, resolution_minutes, resolution_basis"
    assert case(desk, "measured", columns) == (40, "business", 960, "business")
    # The vendor stopped at an earlier solving; without comments its reply time is all there is.
    assert case(desk, "measured too early", columns) == (40, "business", 4320, "calendar")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("17", "merged"),
        ("survivor", None),
        ("merged away", None),
        ("tagged merged", "merged"),
        ("spam", "spam"),
        ("twice", "duplicate"),
        ("among agents", "internal"),
        ("called", None),
        ("deleted", "deleted"),
        ("gone", "deleted"),
    ],
)
def test_what_is_no_case_of_a_customer_is_out_of_scope(
    desk: duckdb.DuckDBPyConnection, name: str, reason: str | None
) -> None:
    assert case(desk, name, "is_in_scope, exclusion_reason") == (reason is None, reason)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bug after all", ("how_to", "defect", False, None)),
        ("slow", ("usability_performance", "usability_performance", True, None)),
        ("only a type", ("how_to", "how_to", False, None)),
        ("only an incident", (None, None, None, None)),
        ("own words", (None, None, None, reason_key("Robin was rude"))),
        ("open again", (None, None, None, None)),
    ],
)
def test_reasons_follow_the_map_and_unknown_words_stay_unknown(
    desk: duckdb.DuckDBPyConnection, name: str, expected: tuple[Any, ...]
) -> None:
    assert case(desk, name, "first_reason, final_reason, is_preventable, unmapped_reason_key") == expected


def test_a_case_belongs_to_its_organization_or_to_that_of_its_requester(
    desk: duckdb.DuckDBPyConnection,
) -> None:
    assert case(desk, "reopened", "account_key") == ("zendesk:org",)
    assert case(desk, "of the user", "account_key") == ("zendesk:org",)
    assert case(desk, "of nobody", "account_key") == (None,)


def test_organizations_carry_the_exact_id_of_the_crm_account(desk: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        desk, "select account_id, crm_account_id from intermediate.int_customers__zendesk order by 1"
    ) == [
        ("field", "001B"),
        ("json", "001C"),
        ("org", "001A"),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("good", (True, date(2024, 3, 6))), ("bad", (False, date(2024, 3, 7))), ("offered", (None, None))],
)
def test_the_newest_rating_counts_and_an_offer_is_none(
    desk: duckdb.DuckDBPyConnection, name: str, expected: tuple[Any, ...]
) -> None:
    assert case(desk, name, "is_satisfied, rated_date") == expected


def test_effort_sentiment_and_links_come_from_custom_fields(desk: duckdb.DuckDBPyConnection) -> None:
    columns = "cast(handle_minutes as varchar), sentiment, severity, channel"
    assert case(desk, "worked on", columns) == ("1.666667", "negative", "urgent", "web")
    assert rows(desk, "select case_key, defect_key from intermediate.int_case_defects order by 2") == [
        ("zendesk:linked", "jira:TP-8"),
        ("zendesk:linked", "jira:TP-9"),
    ]
    assert case(desk, "only an incident", "has_problem") == (True,)


def test_articles_carry_their_votes(desk: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        desk,
        "select article_key, is_published, is_outdated, up_vote_count, down_vote_count from intermediate.int_articles order by 1",
    ) == [("zendesk:a1", True, True, 2, 1), ("zendesk:a2", False, False, 0, 0)]


def test_what_nobody_can_count_is_listed(desk: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        desk,
        "select finding, subject_id, detail from marts.dq_findings where subject_type in ('case', 'defect', 'article') order by 1, 2",
    )
    assert ("case is closed, but nothing says when", "zendesk:good", "first of 3") in found
    assert ("case names no account", "zendesk:of nobody", "first of 1") in found
    assert (
        "reason of a case is not in the reason map",
        "zendesk:own words",
        "first of 1 with the same words",
    ) in found
    assert ("case is linked to a defect that is not there", "zendesk:linked", "jira:TP-8") in found


def test_a_past_day_shows_the_case_as_it_was_known_then(tmp_path: Path, model_cache: Path) -> None:
    exports = {f"zendesk/{table}": records for table, records in scenarios().tables.items()}
    with harness.build(tmp_path, exports, model_cache, as_of_date="2024-03-05") as then:
        columns = "case_status, is_closed, closed_at, reopen_count, is_satisfied"
        assert case(then, "reopened", columns) == (
            "solved",
            True,
            datetime.fromisoformat("2024-03-05 10:00:00"),
            0,
            None,
        )
        assert case(then, "measured", "is_closed, resolution_minutes, first_reply_minutes") == (
            False,
            None,
            40,
        )
        assert case(then, "good", "is_satisfied, rated_date") == (None, None)
        assert case(then, "bug after all", "first_reason, final_reason") == ("how_to", "defect")
