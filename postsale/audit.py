"""Expectations on the raw exports and on the marts that are about to be published."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, cast

import duckdb

from postsale.contract import System, read_contract
from postsale.landing.sql import sql_text

PROJECT = Path(__file__).resolve().parents[1]
#: Beside the published file: what the exports looked like, for the next audit to compare with.
PROFILE = "export_profile.parquet"

#: On Data Docs of marts that do not tell their day.
_NO_DAY = date(1970, 1, 1)

Severity = Literal["critical", "warning"]


@dataclass(frozen=True)
class Outcome:
    """What one expectation found. ``severity`` critical stops publishing, warning is shown to readers."""

    suite: str
    expectation: str
    relation: str
    column: str | None
    severity: Severity
    is_met: bool
    observed: str | None
    expected: str


def audit(
    candidate: Path, out: Path, previous: Path | None, docs: Path, echo: Callable[[str], None] = print
) -> list[Outcome]:
    """Checks what landed in ``out`` and the finished ``candidate`` file (never written to), and writes Data Docs to ``docs``.

    ``previous`` is the DuckDB file that readers have now, None before the first publication. The profile of the exports is
    written beside ``candidate``. Raises ``ValueError`` where ``expectations/thresholds.yml`` cannot be used.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported
    # Imported here: it takes seconds, and most commands do without.
    import sqlalchemy

    from expectations import marts, raw_exports
    from expectations.export_profile import keep_profile, profile_exports
    from expectations.thresholds import read_thresholds
    from expectations.validation import validate

    thresholds = read_thresholds()
    with tempfile.TemporaryDirectory(prefix="postsale-audit-") as folder:
        # A database in memory that both we and Great Expectations have open; the files are attached to it to be read.
        url = f"duckdb:///:memory:{Path(folder).name}"
        engine = sqlalchemy.create_engine(url)
        handle = engine.raw_connection()
        connection = cast(duckdb.DuckDBPyConnection, handle.driver_connection)
        try:
            connection.execute(
                f"set temp_directory = {sql_text(folder)}; set threads = 2; set enable_progress_bar = false"
            )
            if limit := os.environ.get("POSTSALE_MEMORY"):
                connection.execute(f"set memory_limit = {sql_text(limit)}")
            present = _attach(connection, candidate, "candidate", "marts")
            before = _attach(connection, previous, "previous", "before") if previous else {}
            kept = previous.parent / PROFILE if previous else None
            profile_exports(
                connection,
                out / "landed",
                _systems_landed(connection, out / "landed"),
                thresholds,
                kept if kept and kept.exists() else None,
            )
            day = connection.execute("select max(as_of_date) from marts.dim_as_of").fetchone()
            suites = [
                *raw_exports.suites(connection, thresholds),
                *marts.suites(connection, thresholds.marts, present, before),
            ]
            results = validate(suites, url, (day and day[0]) or _NO_DAY, docs)
            keep_profile(connection, candidate.parent / PROFILE)
        finally:
            handle.close()
            engine.dispose()
    outcomes = [
        Outcome(
            result.suite,
            result.name,
            result.relation,
            result.column,
            cast(Severity, result.severity),
            result.is_met,
            result.observed,
            result.expected,
        )
        for result in results
    ]
    outcomes.sort(key=lambda one: (one.suite, one.relation, one.expectation, one.column or ""))
    unmet = [one for one in outcomes if not one.is_met]
    critical = sum(one.severity == "critical" for one in unmet)
    echo(
        f"audited: {len(outcomes)} expectations, {critical} critical not met, {len(unmet) - critical} warnings"
    )
    return outcomes


def _attach(
    connection: duckdb.DuckDBPyConnection, database: Path, catalog: str, schema: str
) -> dict[str, set[str]]:
    """Shows the marts of a file, opened to be read only, in ``schema``; returns their columns by name."""
    connection.execute(f"attach {sql_text(database)} as {catalog} (read_only); create schema {schema}")
    columns: dict[str, set[str]] = defaultdict(set)
    for mart, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where database_name = ? and schema_name = 'marts' order by all",
        [catalog],
    ).fetchall():
        columns[mart].add(column)
    for mart in columns:
        connection.execute(f'create view {schema}."{mart}" as select * from {catalog}.marts."{mart}"')
    return dict(columns)


def _systems_landed(connection: duckdb.DuckDBPyConnection, landed: Path) -> list[System]:
    """The systems of the last landing, with their contracts."""
    contract = read_contract(PROJECT)
    names = connection.execute(
        f"select distinct system from read_parquet({sql_text(landed / '_landing' / 'columns.parquet')}) order by all"
    ).fetchall()
    return [contract[name] for (name,) in names]
