"""Events in any order of arrival leave the roll-up that a build from nothing leaves, and every record has one fate."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from postsale.landing import land
from tests.harness import PROJECT, compiled, write_csv

MODEL = "base_templates__product_events"
TABLE = f"staging.{MODEL}"
DAYS = [f"2026-01-{day:02d}" for day in range(1, 8)]

Event = dict[str, Any]


def event(event_id: str, **changes: Any) -> Event:
    return {
        "event_id": event_id, "account_id": "A", "user_id": "u1", "product_id": "P", "feature_id": "F",
        "occurred_at": f"{DAYS[0]} 10:00:00", "event_count": 1, **changes,
    }  # fmt: skip


@dataclass(frozen=True)
class Statements:
    """What a build does to the roll-up: from nothing, and over what an earlier one left. OUT stands for its folder."""

    from_nothing: str
    forget: str
    add: str


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Statements:
    """The statements that dbt itself runs, taken from its log."""
    root = tmp_path_factory.mktemp("statements")
    raw, out = root / "raw", root / "out"
    logs = root / "logs"
    (out / "build").mkdir(parents=True)
    for number in (1, 2):
        write_csv(raw / "templates" / "product_events" / f"{DAYS[number]}.csv", [event(f"e{number}")])
        land(raw, out, ["templates"], PROJECT, lambda _line: None)
        result = subprocess.run(
            [
                str(Path(sys.executable).parent / "dbt"), "run", "--select", MODEL, "--quiet", "--vars", "systems: [templates]",
                "--log-format-file", "json", "--log-level-file", "debug", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
                "--target-path", str(root / "target"), "--log-path", str(logs / str(number)),
            ],
            env={**os.environ, "POSTSALE_OUT": str(out)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stdout
    lines = [json.loads(line) for line in (logs / "2" / "dbt.log").read_text().splitlines()]
    queries = [
        line["data"]["sql"].split("*/", 1)[-1].strip().replace('"postsale".', "")
        for line in lines
        if line["info"]["name"] == "SQLQuery" and MODEL in line["data"]["sql"]
    ]
    (forget,) = [
        query
        for query in queries
        if f'delete from staging."{MODEL}"' in query.replace('"staging"', "staging")
    ]
    (added,) = (root / "target" / "compiled").rglob(f"{MODEL}.sql")
    variables = json.dumps({"systems": ["templates"]}, sort_keys=True)
    (fresh,) = [node.sql for node in compiled(variables, str(model_cache)) if node.name == MODEL]
    compiled_out = fresh.split("/landed/")[0].rsplit("'", 1)[-1]
    return Statements(
        fresh.replace(compiled_out, "OUT"),
        forget.removesuffix("; commit; begin transaction").replace(str(out), "OUT"),
        added.read_text().replace('"postsale".', "").replace(str(out), "OUT"),
    )


class Warehouse:
    """One company's events, landed and rolled up after every change."""

    def __init__(self, folder: Path, statements: Statements) -> None:
        self.raw, self.out = folder / "raw", folder / "out"
        self.statements = statements
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("create schema staging; create schema fresh")
        self.is_built = False

    def drop(self, name: str, events: Iterable[Event]) -> None:
        """Writes a drop, or a file of no day if its name is none."""
        folder = self.raw / "templates" / ("product_events" if name in DAYS else "")
        write_csv(folder / f"{name}.csv", events)

    def withdraw(self, name: str) -> None:
        next(self.raw.rglob(f"{name}.csv")).unlink()

    def build(self) -> None:
        """Lands what is there and builds over what is left from last time."""
        land(self.raw, self.out, ["templates"], PROJECT, lambda _line: None)
        if self.is_built:
            self._run(self.statements.forget)
            self._run(f"insert into {TABLE} by name ({self.statements.add}\n)")
        else:
            self._run(f"create table {TABLE} as ({self.statements.from_nothing}\n)")
        self.is_built = True

    def is_as_from_nothing(self) -> bool:
        """Row for row what a build makes that has nothing to keep; which SQL read a row is left out."""
        self._run(f"create or replace table fresh.{MODEL} as ({self.statements.from_nothing}\n)")
        rows = [
            Counter(self.connection.execute(f"select * exclude (_load) from {schema}.{MODEL}").fetchall())
            for schema in ("staging", "fresh")
        ]
        return rows[0] == rows[1]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def fates(self) -> dict[str, int]:
        return dict(
            self.rows(f"select _row_status, cast(sum(_record_count) as bigint) from {TABLE} group by all")
        )

    def use(self) -> dict[tuple[Any, ...], int]:
        """Events by account, user, product, feature and day."""
        return {
            tuple(row[:-1]): row[-1]
            for row in self.rows(
                "select account_id, user_id, product_id, feature_id, cast(_created_date as varchar), cast(sum(event_count) as bigint)"
                f" from {TABLE} where _row_status = 'accepted' group by all"
            )
        }

    def _run(self, sql: str) -> None:
        self.connection.execute(sql.replace("OUT", str(self.out)))


def random_event(rng: random.Random, is_clean: bool) -> Event:
    """One of a few ids, mostly on the day of its own; some of them empty, wrong or moved."""
    number = rng.randrange(20)
    day = DAYS[number % 5] if rng.random() < 0.85 else rng.choice(DAYS)
    row = event(
        f"e{number}",
        account_id=rng.choice("AB"),
        user_id=rng.choice(["u1", "u2", ""]),
        feature_id=rng.choice(["F", "G", ""]),
        occurred_at=f"{day} {rng.randrange(24):02d}:00:00",
        event_count=rng.choice([1, 2, ""]),
    )
    if rng.random() < 0.05:
        row["event_count"] = "many"
    if rng.random() < 0.05:
        row[rng.choice(["event_id", "account_id", "occurred_at"])] = ""
    if is_clean:  # one id has one content in one drop
        row["event_count"] = number % 3
    return row


def truth(files: dict[str, list[Event]]) -> dict[tuple[Any, ...], int]:
    """The same sums without SQL: of every id the last drop that has it; files of no day are older than any drop."""
    newest: dict[str, Event] = {}
    for name in sorted(files, key=lambda name: (name in DAYS, name)):
        for row in files[name]:
            if row["event_id"] and row["account_id"] and row["occurred_at"] and row["event_count"] != "many":
                newest[row["event_id"]] = row
    sums: Counter[tuple[Any, ...]] = Counter()
    for row in newest.values():
        place = (
            *(row[name] or None for name in ("account_id", "user_id", "product_id", "feature_id")),
            row["occurred_at"][:10],
        )
        sums[place] += 1 if row["event_count"] == "" else row["event_count"]
    return dict(sums)


@pytest.mark.parametrize("seed", range(10))
def test_any_order_of_arrival_leaves_what_a_build_from_nothing_leaves(
    statements: Statements, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    is_clean = seed % 2 == 0
    warehouse = Warehouse(tmp_path, statements)
    files: dict[str, list[Event]] = {}
    for _step in range(7):
        act = rng.random()
        if files and act < 0.15:
            name = rng.choice(sorted(files))
            warehouse.withdraw(name)
            del files[name]
        else:
            name = (
                rng.choice(sorted(files)) if files and act < 0.35 else rng.choice([*DAYS, "product_events"])
            )
            rows = [random_event(rng, is_clean) for _ in range(rng.randrange(12))]
            if is_clean:
                rows = list({row["event_id"]: row for row in rows}.values())
                rows += rng.sample(rows, min(len(rows), 2))
            elif files.get(name):
                rows = [*files[name][1:], *rows[:2]]  # a file that is corrected
            files[name] = rows
            warehouse.drop(name, rows)
        warehouse.build()
        assert warehouse.is_as_from_nothing()
        assert sum(warehouse.fates().values()) == sum(len(rows) for rows in files.values())
        if is_clean:
            assert warehouse.use() == truth(files)


def test_a_repeated_corrected_late_or_moved_event_counts_once_as_last_told(
    statements: Statements, tmp_path: Path
) -> None:
    warehouse = Warehouse(tmp_path, statements)
    warehouse.drop(DAYS[0], [event("repeated"), event("corrected"), event("moved"), event("other")])
    warehouse.build()
    assert warehouse.use() == {("A", "u1", "P", "F", DAYS[0]): 4}
    warehouse.drop(
        DAYS[1],
        [
            event("repeated"),
            event("corrected", event_count=5),
            event("moved", occurred_at=f"{DAYS[1]} 01:00:00"),
            event("late"),
        ],
    )
    warehouse.build()
    assert warehouse.use() == {
        ("A", "u1", "P", "F", DAYS[0]): 1 + 5 + 1 + 1,
        ("A", "u1", "P", "F", DAYS[1]): 1,
    }
    assert warehouse.fates() == {"accepted": 5, "superseded": 2, "exact_duplicate": 1}
    # The drop is taken back: what it had replaced counts again.
    warehouse.withdraw(DAYS[1])
    warehouse.build()
    assert warehouse.use() == {("A", "u1", "P", "F", DAYS[0]): 4}
    assert warehouse.is_as_from_nothing()


def test_a_moved_event_is_found_on_a_day_that_nothing_else_touches(
    statements: Statements, tmp_path: Path
) -> None:
    warehouse = Warehouse(tmp_path, statements)
    warehouse.drop(DAYS[0], [event("moved"), event("other")])
    warehouse.build()
    warehouse.drop(DAYS[1], [event("moved", occurred_at=f"{DAYS[1]} 01:00:00")])
    warehouse.build()
    assert warehouse.use() == {("A", "u1", "P", "F", DAYS[0]): 1, ("A", "u1", "P", "F", DAYS[1]): 1}
    assert warehouse.is_as_from_nothing()
    warehouse.withdraw(DAYS[1])
    warehouse.build()
    assert warehouse.use() == {("A", "u1", "P", "F", DAYS[0]): 2}
    assert warehouse.is_as_from_nothing()


def test_a_rejected_event_is_kept_with_its_record_and_reason(statements: Statements, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path, statements)
    warehouse.drop(
        DAYS[0],
        [
            event("good"),
            event("bad", event_count="many"),
            event("", user_id=""),
            event("never", occurred_at="2026-02-30"),
            event("twice"),
            event("twice", event_count=2),
        ],
    )
    warehouse.build()
    assert warehouse.rows(
        f"select _file, _record, _record_count, _reject_reason from {TABLE} where _row_status = 'rejected' order by _record"
    )[:3] == [
        (f"templates/product_events/{DAYS[0]}.csv", 2, 1, "event_count is no integer"),
        (f"templates/product_events/{DAYS[0]}.csv", 3, 1, "key event_id is empty"),
        (f"templates/product_events/{DAYS[0]}.csv", 4, 1, "occurred_at is no timestamp"),
    ]
    assert warehouse.fates() == {"accepted": 2, "rejected": 4}
    assert warehouse.rows(
        f"select _reject_reason from {TABLE} where _row_status = 'rejected' and event_id = 'twice'"
    ) == [("contradicts another record with the same key event_id",)]


def test_events_are_kept_as_sums_and_untouched_days_are_not_read_again(
    statements: Statements, tmp_path: Path
) -> None:
    warehouse = Warehouse(tmp_path, statements)
    warehouse.drop("product_events", [event(f"old{number}") for number in range(500)])
    warehouse.drop(DAYS[3], [event(f"e{number}", occurred_at=f"{DAYS[2]} 08:00:00") for number in range(500)])
    warehouse.build()
    assert warehouse.rows(f"select count(*), cast(sum(_record_count) as bigint) from {TABLE}") == [(2, 1000)]
    # Kept sums are marked: whatever is read again loses the mark.
    warehouse.connection.execute(f"update {TABLE} set user_id = 'kept'")
    warehouse.drop(
        DAYS[4],
        [event("e7", occurred_at=f"{DAYS[2]} 08:00:00"), event("new", occurred_at=f"{DAYS[3]} 08:00:00")],
    )
    warehouse.build()
    assert warehouse.use() == {
        ("A", "kept", "P", "F", DAYS[0]): 500,
        ("A", "u1", "P", "F", DAYS[2]): 500,
        ("A", "u1", "P", "F", DAYS[3]): 1,
    }
