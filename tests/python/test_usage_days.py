"""Days of use are summed again where anything that they are made of changed, and nowhere else; the result is a full rebuild's.

What may change: events and told days in any order of arrival, who is of the company itself, what counts as use, and the salt.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from postsale.landing import land
from tests.harness import PROJECT, compiled, needed, write_csv

SYSTEMS = ["pendo", "templates"]
MODELS = [f"int_usage_days__{system}" for system in SYSTEMS]
DAYS = [f"2026-01-{day:02d}" for day in range(1, 8)]
OWN = "own.example"

Row = dict[str, Any]


def event(event_id: str, **changes: Any) -> Row:
    return {
        "event_id": event_id, "account_id": "A", "user_id": "u1", "product_id": "P", "feature_id": "F",
        "occurred_at": f"{DAYS[0]} 10:00:00", "event_count": 1, **changes,
    }  # fmt: skip


def hour(number: int, **changes: Any) -> Row:
    """One hour of a visitor in Pendo, of all events or of one feature."""
    return {
        "_fivetran_id": f"h{number}", "visitor_id": "v1", "account_id": "A", "app_id": "P", "timestamp": f"{DAYS[0]} 10:00:00",
        "num_events": 2, "_fivetran_synced": "2026-01-31 00:00:00", **changes,
    }  # fmt: skip


def visitor(visitor_id: str, email: str) -> Row:
    return {
        "id": visitor_id,
        "last_updated_at": f"{DAYS[0]} 00:00:00",
        "agent_email": email,
        "_fivetran_synced": "2026-01-31 00:00:00",
    }


@dataclass(frozen=True)
class Statements:
    """What a build does: each model from nothing, and over what an earlier build left. OUT stands for its folder."""

    #: seeds are left out: the test fills them
    from_nothing: list[tuple[str, str, str]]
    forget: dict[str, str]
    add: dict[str, str]


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Statements:
    """The statements that dbt itself runs, taken from its log."""
    root = tmp_path_factory.mktemp("statements")
    raw, out = root / "raw", root / "out"
    (out / "build").mkdir(parents=True)
    for number in (1, 2):
        write_csv(raw / "templates" / "product_events" / f"{DAYS[number]}.csv", [event(f"e{number}")])
        write_csv(raw / "pendo" / "event" / f"{DAYS[number]}.csv", [hour(number)])
        land(raw, out, SYSTEMS, PROJECT, lambda _line: None)
        result = subprocess.run(
            [
                str(Path(sys.executable).parent / "dbt"), "build", "--select", *(f"+{model}" for model in MODELS), "--quiet",
                "--exclude-resource-type", "test", "--vars", json.dumps({"systems": SYSTEMS}), "--log-format-file", "json",
                "--log-level-file", "debug", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
                "--target-path", str(root / "target"), "--log-path", str(root / "logs" / str(number)),
            ],
            env={**os.environ, "POSTSALE_OUT": str(out)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stdout
    nodes = needed(compiled(json.dumps({"systems": SYSTEMS}), str(model_cache)), MODELS)
    kept = [node.name for node in nodes if node.name.startswith("base_") or node.name in MODELS]
    queries = [
        line["data"]["sql"].split("*/", 1)[-1].strip()
        for line in map(json.loads, (root / "logs" / "2" / "dbt.log").read_text().splitlines())
        if line["info"]["name"] == "SQLQuery"
    ]
    forget, add = {}, {}
    for name in kept:
        (found,) = {sql for sql in queries if re.search(rf'delete from \S+"{name}"', sql)}
        forget[name] = found.removesuffix("; commit; begin transaction")
        (path,) = (root / "target" / "compiled").rglob(f"{name}.sql")
        add[name] = path.read_text()
    compiled_out = (
        next(node.sql for node in nodes if "/landed/" in node.sql).split("/landed/")[0].rsplit("'", 1)[-1]
    )

    def neutral(sql: str) -> str:
        return sql.replace('"postsale".', "").replace(str(out), "OUT").replace(compiled_out, "OUT")

    return Statements(
        [
            (f"{node.schema}.{node.name}", node.materialized, neutral(node.sql))
            for node in nodes
            if node.schema != "seeds"
        ],
        {name: neutral(sql) for name, sql in forget.items()},
        {name: neutral(sql) for name, sql in add.items()},
    )


class Company:
    """One company's exports, seeds and salt, and the warehouse that a row of builds leaves."""

    def __init__(self, folder: Path, statements: Statements) -> None:
        self.raw, self.out = folder / "raw", folder / "out"
        self.statements = statements
        self.files: dict[tuple[str, str], list[Row]] = {}
        self.own: set[str] = set()
        self.no_use: set[tuple[str, str, str]] = set()
        self.salt = "salt"
        self.connection: duckdb.DuckDBPyConnection | None = None

    def drop(self, export: str, day: str, rows: list[Row]) -> None:
        self.files[export, day] = rows
        write_csv(self.raw / export / f"{day}.csv", rows)

    def withdraw(self, export: str, day: str) -> None:
        del self.files[export, day]
        (self.raw / export / f"{day}.csv").unlink()

    def build(self) -> None:
        """Lands what is there and builds over what is left from last time."""
        land(self.raw, self.out, SYSTEMS, PROJECT, lambda _line: None)
        if self.connection is None:
            self.connection = self._fresh()
            return
        self._configure(self.connection)
        for name, materialized, sql in self.statements.from_nothing:
            model = name.split(".")[1]
            if model in self.statements.forget:
                self.connection.execute(self._placed(self.statements.forget[model]))
                self.connection.execute(
                    f"insert into {name} by name ({self._placed(self.statements.add[model])}\n)"
                )
            elif materialized == "table":
                self.connection.execute(f"create or replace table {name} as ({self._placed(sql)}\n)")

    def days(self) -> Counter[tuple[Any, ...]]:
        """The days of use that all builds together left."""
        assert self.connection is not None
        return _days(self.connection)

    def days_from_nothing(self) -> Counter[tuple[Any, ...]]:
        """The days of use of a build that has nothing to keep."""
        with self._fresh() as connection:
            return _days(connection)

    def _fresh(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={"threads": 1})
        connection.execute(
            "create schema staging; create schema intermediate; create schema seeds;"
            "create table seeds.own_email_domains (domain varchar);"
            "create table seeds.usage_event_rules (system varchar, subject_type varchar, subject_id varchar, is_use boolean)"
        )
        self._configure(connection)
        for name, materialized, sql in self.statements.from_nothing:
            connection.execute(f"create {materialized} {name} as ({self._placed(sql)}\n)")
        return connection

    def _configure(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("delete from seeds.own_email_domains; delete from seeds.usage_event_rules")
        connection.execute(f"set variable postsale_salt = '{self.salt}'")
        for domain in sorted(self.own):
            connection.execute("insert into seeds.own_email_domains values (?)", [domain])
        for rule in sorted(self.no_use):
            connection.execute("insert into seeds.usage_event_rules values (?, ?, ?, false)", list(rule))

    def _placed(self, sql: str) -> str:
        return sql.replace("OUT", str(self.out))


def _days(connection: duckdb.DuckDBPyConnection) -> Counter[tuple[Any, ...]]:
    return Counter(
        row
        for model in MODELS
        for row in connection.execute(
            f"select * replace (cast(usage_date as varchar) as usage_date) from intermediate.{model}"
        ).fetchall()
    )


def truth(company: Company) -> dict[tuple[Any, ...], int | None]:
    """The same without SQL: account, day, user, product and feature with the number of events."""
    newest: dict[tuple[str, Any], Row] = {}
    for (export, _day), rows in sorted(company.files.items(), key=lambda item: item[0][1]):
        for row in rows:
            newest[export, tuple(row[name] for name in KEYS[export])] = row
    by_export: dict[str, list[Row]] = {export: [] for export in KEYS}
    for (export, _key), row in newest.items():
        by_export[export].append(row)
    sums: dict[tuple[Any, ...], list[int | None]] = {}

    def use(system: str, row: Row, user: str, feature: str, count: int | None, when: str) -> None:
        product = row.get("product_id", row.get("app_id")) or ""
        if {(system, "product", product), (system, "feature", feature)} & company.no_use:
            return
        place = (
            f"{system}:{row['account_id']}", when[:10], key(company.salt, user) if user else None,
            f"{system}:{product}" if product else None, f"{system}:{feature}" if feature else None,
        )  # fmt: skip
        sums.setdefault(place, []).append(count)

    def is_own(user: str) -> bool:
        return user.rsplit("@", 1)[-1] in company.own

    for row in by_export["templates/product_events"]:
        if not is_own(row["user_id"]):
            count = 1 if row["event_count"] == "" else row["event_count"]
            use("templates", row, row["user_id"], row["feature_id"], count, row["occurred_at"])
    for row in by_export["templates/product_usage"]:
        count = None if row["event_count"] == "" else row["event_count"]
        use("templates", row, "", "", count, row["usage_date"])
    emails = {row["id"]: row["agent_email"] for row in by_export["pendo/visitor_history"]}
    for export in ("pendo/event", "pendo/feature_event"):
        for row in by_export[export]:
            name = row["visitor_id"]
            if is_own(name) or is_own(emails.get(name, "")) or not row["account_id"]:
                continue
            user = "" if name.startswith("_PENDO_T_") else name
            if export == "pendo/event":
                use("pendo", row, user, "", row["num_events"], row["timestamp"])
            else:
                use("pendo", row, user, row["feature_id"], row["num_events"], row["timestamp"])
                use("pendo", row, user, "", -row["num_events"], row["timestamp"])
    totals = {
        place: None if None in counts else sum(count for count in counts if count is not None)
        for place, counts in sums.items()
    }
    return {place: count for place, count in totals.items() if count is None or count > 0}


def key(salt: str, user: str) -> str:
    return hashlib.sha256(f"{salt}|{user}".encode()).hexdigest()


KEYS = {
    "templates/product_events": ("event_id",),
    "templates/product_usage": ("account_id", "usage_date"),
    "pendo/event": ("_fivetran_id", "visitor_id", "account_id", "app_id", "timestamp"),
    "pendo/feature_event": ("_fivetran_id", "visitor_id", "account_id", "app_id", "timestamp", "feature_id"),
    "pendo/visitor_history": ("id",),
}


def random_rows(rng: random.Random, export: str) -> list[Row]:
    """A few rows, one a key."""
    rows = []
    for _ in range(rng.randrange(1, 8)):
        number = rng.randrange(12)
        day = DAYS[number % 5] if rng.random() < 0.85 else rng.choice(DAYS)
        when, account = f"{day} {rng.randrange(24):02d}:00:00", rng.choice("AB")
        if export == "templates/product_events":
            user = rng.choice(["u1", f"u2@{OWN}", ""])
            rows.append(event(f"e{number}", account_id=account, user_id=user, product_id=rng.choice(["P", "Q", ""]),
                              feature_id=rng.choice(["F", "G", ""]), occurred_at=when, event_count=rng.choice([0, 1, 2, ""])))  # fmt: skip
        elif export == "templates/product_usage":
            rows.append({"account_id": account, "usage_date": day, "event_count": rng.choice([0, 3, ""])})
        elif export == "pendo/visitor_history":
            rows.append(visitor(rng.choice(["v1", "v2"]), f"robin@{rng.choice([OWN, 'else.example'])}"))
        else:
            row = hour(number, visitor_id=rng.choice(["v1", "v2", "_PENDO_T_1", f"v3@{OWN}"]), account_id=rng.choice(["A", "B", ""]),
                       app_id=rng.choice("PQ"), timestamp=when, num_events=rng.randrange(1, 4))  # fmt: skip
            rows.append({**row, "feature_id": rng.choice("FG")} if export == "pendo/feature_event" else row)
    return list({tuple(row[name] for name in KEYS[export]): row for row in rows}.values())


@pytest.mark.parametrize("seed", range(6))
def test_whatever_changes_leaves_what_a_build_from_nothing_leaves(
    statements: Statements, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    company = Company(tmp_path, statements)
    for export in KEYS:
        company.drop(export, DAYS[0], random_rows(rng, export))
    rules = [
        (system, *rule)
        for system in SYSTEMS
        for rule in (("product", "Q"), ("feature", "G"), ("product", "F"))
    ]
    for _step in range(9):
        act = rng.random()
        if act < 0.55:
            export = rng.choice(sorted(KEYS))
            company.drop(export, rng.choice(DAYS), random_rows(rng, export))
        elif act < 0.7:
            company.withdraw(*rng.choice(sorted(company.files)))
        elif act < 0.82:
            company.own ^= {OWN}
        elif act < 0.95:
            company.no_use ^= {rng.choice(rules)}
        else:
            company.salt += "!"
        if not company.files:
            company.drop("pendo/event", DAYS[0], [hour(1)])
        company.build()
        assert company.days() == company.days_from_nothing()
        # account_key, system, usage_date, user_key, product_key, feature_key, event_count, …
        assert {(row[0], *row[2:6]): row[6] for row in company.days()} == truth(company)
        assert set(company.days().values()) <= {1}


def test_days_that_did_not_change_are_kept_as_they_are(statements: Statements, tmp_path: Path) -> None:
    company = Company(tmp_path, statements)
    company.drop(
        "templates/product_events", DAYS[0], [event("e1"), event("e2", occurred_at=f"{DAYS[1]} 08:00:00")]
    )
    company.drop(
        "templates/product_usage", DAYS[0], [{"account_id": "C", "usage_date": DAYS[2], "event_count": 1}]
    )
    company.drop("pendo/event", DAYS[0], [hour(1), hour(2, timestamp=f"{DAYS[1]} 08:00:00")])
    company.build()
    assert company.connection is not None
    # Kept sums are marked: whatever is summed again loses the mark.
    for model in MODELS:
        company.connection.execute(f"update intermediate.{model} set product_key = 'kept'")
    company.drop("templates/product_events", DAYS[1], [event("e3", occurred_at=f"{DAYS[1]} 09:00:00")])
    company.drop("pendo/event", DAYS[1], [hour(3, timestamp=f"{DAYS[1]} 09:00:00", account_id="B")])
    company.build()
    assert {(row[1], row[2], row[4]) for row in company.days()} == {
        ("templates", DAYS[0], "kept"), ("templates", DAYS[1], "templates:P"), ("templates", DAYS[2], "kept"),
        ("pendo", DAYS[0], "kept"), ("pendo", DAYS[1], "pendo:P"),
    }  # fmt: skip
    # The same exports told in other files are the same days.
    company.withdraw("templates/product_events", DAYS[0])
    company.drop(
        "templates/product_events", DAYS[3], [event("e1"), event("e2", occurred_at=f"{DAYS[1]} 08:00:00")]
    )
    company.build()
    assert ("templates", DAYS[0], "kept") in {(row[1], row[2], row[4]) for row in company.days()}
