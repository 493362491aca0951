"""Pendo: the vendor's own sample rows unchanged, and one small case per rule of reading its events."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.connectors import VENDOR_SAMPLES, build, build_files, rows
from tests.harness import SALT, compiled, write_csv

SAMPLES = VENDOR_SAMPLES / "pendo"
TABLES = {
    "account_history": "account_history",
    "application_history": "application_history",
    "event": "event",
    "feature_event": "feature_event",
    "feature_history": "feature_history",
    "group": "group_data",
    "guide_event": "guide_event",
    "visitor_account_history": "visitor_account_history",
    "visitor_history": "visitor_history",
}

Row = dict[str, Any]


def user_key(user: str) -> str:
    """What the macro hashed_key makes of a user's id."""
    return hashlib.sha256(f"{SALT}|{user}".encode()).hexdigest()


# ---- the vendor's sample rows ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    if not SAMPLES.is_dir():
        pytest.skip(
            f"the vendor's sample rows are not committed and not found at {SAMPLES}; set POSTSALE_SHARED_DATA"
        )
    root = tmp_path_factory.mktemp("pendo_samples")
    files = [SAMPLES / f"{stem}.csv" for stem in TABLES.values()]
    with build_files(root, "pendo", files, model_cache) as connection:
        yield connection


@pytest.mark.parametrize(("table", "stem"), TABLES.items(), ids=list(TABLES))
def test_sample_rows_stage_unchanged(samples: duckdb.DuckDBPyConnection, table: str, stem: str) -> None:
    with (SAMPLES / f"{stem}.csv").open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    count = "sum(_record_count)" if table.endswith("event") else "count(*)"
    found = rows(
        samples, f"select _row_status, cast({count} as bigint) from staging.base_pendo__{table} group by all"
    )
    assert found == [("accepted", len(records))]


def test_sample_events_add_up(samples: duckdb.DuckDBPyConnection) -> None:
    with (SAMPLES / "event.csv").open(encoding="utf-8", newline="") as file:
        events = sum(int(row["num_events"]) for row in csv.DictReader(file))
    assert rows(samples, "select cast(sum(event_count) as bigint) from staging.stg_pendo__event") == [
        (events,)
    ]


# ---- rules of reading -----------------------------------------------------------------------------------------------

SYNCED = {"_fivetran_synced": "2026-03-20 20:00:00"}


def event(account: str, visitor: str, hour: str = "2026-03-01 10:00:00", number: int = 1, **row: Any) -> Row:
    return {
        "account_id": account, "visitor_id": visitor, "app_id": "5101", "timestamp": hour, "num_events": number, "page_id": "allevents",
        "server_name": "app", "remote_ip": "10.0.0.1", "user_agent": "Browser", **SYNCED, **row,
    }  # fmt: skip


EXPORTS: dict[str, list[Row]] = {
    "account_history": [
        {"id": "A", "last_updated_at": "2026-01-05 00:00:00", "agent_name": "Old name", "first_visit": "2026-01-04 09:00:00"},
        {"id": "A", "last_updated_at": "2026-02-05 00:00:00", "agent_name": "Acme", "agent_salesforceaccountid": "001A", "first_visit": "2026-01-04 09:00:00"},
        {"id": "SILENT", "last_updated_at": "2026-02-01 00:00:00"},
    ],
    "visitor_history": [
        {"id": "v-own", "last_updated_at": "2026-01-01 00:00:00", "account_id": "A", "agent_email": "Me@Vendor.Example"},
    ],
    "visitor_account_history": [
        {"account_id": "B", "visitor_id": "v9", "visitor_last_updated_at": "2026-02-07 00:00:00"},
    ],
    "application_history": [{"id": "5101", "last_updated_at": "2026-01-01 00:00:00", "display_name": "Insight"}],
    "group": [{"id": "g1", "name": "Advanced"}, {"id": "g2", "name": "Other"}],
    "feature_history": [
        {"id": "f1", "last_updated_at": "2026-01-01 00:00:00", "name": "Old", "group_id": "g2", "app_id": "5101"},
        {"id": "f1", "last_updated_at": "2026-02-01 00:00:00", "name": "Forecast", "group_id": "g1", "app_id": "5101", "is_core_event": "true"},
        {"id": "f2", "last_updated_at": "2026-01-01 00:00:00", "name": "Search", "group_id": "g2", "app_id": "5102", "is_core_event": "true"},
        {"id": "f3", "last_updated_at": "2026-01-01 00:00:00", "name": "Print", "group_id": "g2", "app_id": "5199", "is_core_event": "false"},
    ],
    "event": [
        event("A", "v1", number=10),
        event("A", "v1", "2026-03-01 11:00:00", 5),
        event("A", "v1", "2026-03-01 11:00:00", 2, user_agent="Other browser"),
        event("A", "_PENDO_T_x1", number=3),
        event("A", "_PENDO_T_x2", number=4),
        event("A", "v2", "2026-03-02 10:00:00", 6),
        event("", "v3", number=7),
        event("C", "v4", "2026-03-02 10:00:00", 1),
        event("C", "v5", "2026-03-02 10:00:00", ""),  # type: ignore[arg-type]
        event("C", "v6", "2026-03-02 10:00:00", 0),
    ],
    "feature_event": [
        event("A", "v1", number=4, feature_id="f1"),
        event("A", "v2", "2026-03-02 10:00:00", 6, feature_id="f2"),
        event("C", "v4", "2026-03-02 10:00:00", 1, feature_id="f9"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    root = tmp_path_factory.mktemp("pendo")
    for table, records in EXPORTS.items():
        write_csv(root / "raw" / "pendo" / f"{table}.csv", records)
    with build(root, "pendo", model_cache) as connection:
        yield connection


def usage(warehouse: duckdb.DuckDBPyConnection, account: str) -> list[tuple[Any, ...]]:
    return rows(
        warehouse,
        "select cast(usage_date as varchar), user_key, product_key, feature_key, event_count from intermediate.int_usage_days"
        f" where account_key = 'pendo:{account}' order by all",
    )


def test_hours_and_browsers_of_a_day_are_one_row_and_feature_events_are_counted_once(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert set(usage(warehouse, "A")) == {
        # 17 events of v1, 4 of them on a feature
        ("2026-03-01", user_key("v1"), "pendo:5101", None, 13),
        ("2026-03-01", user_key("v1"), "pendo:5101", "pendo:f1", 4),
        # two visitors nobody knows: use of the account by nobody in particular
        ("2026-03-01", None, "pendo:5101", None, 7),
        # all events were on a feature: no use besides
        ("2026-03-02", user_key("v2"), "pendo:5101", "pendo:f2", 6),
    }


def test_an_hour_without_a_number_is_one_event_and_one_of_none_is_no_use(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert set(usage(warehouse, "C")) == {
        ("2026-03-02", user_key("v4"), "pendo:5101", "pendo:f9", 1),
        ("2026-03-02", user_key("v5"), "pendo:5101", None, 1),
    }


def test_silent_accounts_are_told_from_unknown_ones(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        warehouse,
        "select account_key, tracked_from_date, tracked_until_date from intermediate.int_usage_accounts order by 1",
    ) == [
        ("pendo:A", date(2026, 1, 4), date(2026, 3, 2)),
        ("pendo:B", date(2026, 2, 7), date(2026, 3, 2)),
        ("pendo:C", date(2026, 3, 2), date(2026, 3, 2)),
        ("pendo:SILENT", date(2026, 2, 1), date(2026, 3, 2)),
    ]


def test_the_newest_version_of_an_account_names_it_and_its_crm_account(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        warehouse,
        "select account_id, account_name, crm_account_id from intermediate.int_customers__pendo order by 1",
    ) == [("A", "Acme", "001A"), ("SILENT", None, "SILENT")]


def test_tiers_come_from_the_seed_by_group_then_from_the_core_mark(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        warehouse,
        "select feature_id, feature_name, product_family, tier from intermediate.int_feature_catalog order by 1",
    ) == [
        ("f1", "Forecast", "Insight", "advanced"),  # of the group Advanced, though marked as core
        ("f2", "Search", "Flow", "basic"),
        ("f3", "Print", None, None),  # not core is not advanced; the application is mapped to no family
        ("f9", "f9", "Insight", None),  # only usage mentions it
    ]


def test_own_staff_and_events_that_are_no_use_are_left_out(tmp_path: Path, model_cache: Path) -> None:
    """The seeds are empty by default: here the statement of the model reads others."""
    exports = {
        "visitor_history": EXPORTS["visitor_history"],
        "event": [event("A", "v-own"), event("A", "you@vendor.example"), event("A", "v1"), event("A", "v1", app_id="5109")],
        "feature_event": [event("A", "v1", number=1, feature_id="login")],
    }  # fmt: skip
    for table, records in exports.items():
        write_csv(tmp_path / "raw" / "pendo" / f"{table}.csv", records)
    with build(tmp_path, "pendo", model_cache) as connection:
        connection.execute("insert into seeds.own_email_domains values ('vendor.example')")
        connection.execute(
            "insert into seeds.usage_event_rules values ('pendo', 'product', '5109', false), ('pendo', 'feature', 'login', false)"
        )
        (sql,) = [
            node.sql
            for node in compiled('{"systems": ["pendo"]}', str(model_cache))
            if node.name == "int_usage_days__pendo"
        ]
        assert len(rows(connection, "select * from intermediate.int_usage_days")) == 4
        assert rows(connection, f"select count(*) from ({sql})") == [(0,)]
