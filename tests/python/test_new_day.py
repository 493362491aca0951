"""A new day of exports costs what the day brings, and gives what a build from nothing gives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from postsale.demo import write_demo
from postsale.landing import land
from tests.harness import PROJECT, run_models

SYSTEMS = ["salesforce", "stripe", "zuora", "templates"]
FIRST_DAY, NEXT_DAY = "2026-10-31", "2026-11-01"


def staged(raw: Path, out: Path, **variables: str) -> dict[str, int]:
    """Lands ``raw`` and builds staging over what ``out`` has; returns the number of records read anew by base model."""
    land(raw, out, SYSTEMS, PROJECT, lambda _line: None)
    (out / "build").mkdir(exist_ok=True)
    last_rows = row_counts(out, "max(rowid)")
    target = out / "build" / "target"
    result = subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"), "run", "--select", "base_*", "--quiet",
            "--vars", yaml.safe_dump({"systems": SYSTEMS, **variables}), "--project-dir", str(PROJECT),
            "--profiles-dir", str(PROJECT), "--target-path", str(target), "--log-path", str(target),
        ],
        env={**os.environ, "POSTSALE_OUT": str(out)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout
    return {
        name: count - (last_rows[name] + 1 if last_rows else 0)
        for name, count in row_counts(out, "max(rowid) + 1").items()
    }


def row_counts(out: Path, measure: str) -> dict[str, int]:
    """A measure of every base table by name; rows are numbered as they are added, and numbers of deleted rows stay free."""
    database = out / "build" / "postsale.duckdb"
    if not database.exists():
        return {}
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            name: connection.execute(f"select coalesce({measure}, 0) from staging.{name}").fetchall()[0][0]
            for name in base_tables(connection)
        }


def base_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [
        name
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'staging' and starts_with(table_name, 'base_') order by 1"
        ).fetchall()
    ]


def from_nothing(raw: Path, out: Path, cache: Path, **variables: Any) -> dict[str, str]:
    """Fingerprints of all base tables of a build that had nothing to keep."""
    land(raw, out, SYSTEMS, PROJECT, lambda _line: None)
    run_models(out, SYSTEMS, cache, on_disk=True, **variables).close()
    return bases(out)


def bases(out: Path) -> dict[str, str]:
    """Fingerprint of the rows of every base table, whatever the order of rows and columns; ``_load`` says which SQL read a row and is left out."""
    with duckdb.connect(str(out / "build" / "postsale.duckdb"), read_only=True) as connection:
        found = {}
        for name in base_tables(connection):
            ((columns,),) = connection.execute(
                "select string_agg(format('\"{}\"', column_name), ', ' order by column_name) from duckdb_columns()"
                " where schema_name = 'staging' and table_name = ? and column_name <> '_load'",
                [name],
            ).fetchall()
            found[name] = str(
                connection.execute(
                    f"select count(*), md5(string_agg(line, chr(10) order by line)) from"
                    f" (select cast(records as varchar) as line from (select {columns} from staging.{name}) as records)"
                ).fetchone()
            )
        return found


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo company with dirt, each export as the drop of one day."""
    folder = tmp_path_factory.mktemp("days") / "raw"
    write_demo(folder, 30, 12, 5, True, lambda _line: None)
    for path in sorted(folder.glob("*/*.csv")):
        if path.parent.name in SYSTEMS:
            drop = path.with_suffix("") / f"{FIRST_DAY}.csv"
            drop.parent.mkdir()
            path.rename(drop)
    return folder


def test_new_changed_and_vanished_exports_leave_what_a_build_from_nothing_leaves(
    raw: Path, tmp_path: Path, model_cache: Path
) -> None:
    out = tmp_path / "out"
    everything = staged(raw, out)
    assert sum(everything.values()) > 2_000

    # The next day repeats some records, changes one, and brings a new one.
    for first in sorted(raw.glob(f"*/*/{FIRST_DAY}.csv")):
        header, *lines = first.read_text(encoding="latin-1").splitlines()
        lines = [line for line in lines if "," in header and line.count(",") == header.count(",")]
        if not lines:
            continue  # empty, or delimited otherwise
        changed = ",".join([*lines[0].split(",")[:-1], ""])
        key, rest = lines[-1].split(",", 1)
        (first.parent / f"{NEXT_DAY}.csv").write_text(
            "\n".join([header, *lines[:3], changed, f"{key}-new,{rest}"]) + "\n", encoding="latin-1"
        )
    added = staged(raw, out)
    assert bases(out) == from_nothing(raw, tmp_path / "fresh", model_cache)
    large = "base_stripe__invoice_line_item"
    assert 0 < added[large] < everything[large] / 20

    # A file is corrected, another one taken back: what they said is forgotten, and only they are read again.
    corrected = raw / "stripe" / "invoice" / f"{FIRST_DAY}.csv"
    header, *lines = corrected.read_text(encoding="latin-1").splitlines()
    corrected.write_text("\n".join([header, *lines[1:]]) + "\n", encoding="latin-1")
    (raw / "stripe" / "price" / f"{NEXT_DAY}.csv").unlink()
    mended = staged(raw, out)
    assert bases(out) == from_nothing(raw, tmp_path / "fresh", model_cache)
    assert mended[large] == 0

    # Another clock is other logic: every verdict is given anew, here into tables of a contract that had fewer columns.
    with duckdb.connect(str(out / "build" / "postsale.duckdb")) as connection:
        connection.execute("alter table staging.base_stripe__price drop column unit_amount")
    staged(raw, out, as_of_date="2026-06-30")
    assert bases(out) == from_nothing(raw, tmp_path / "fresh", model_cache, as_of_date="2026-06-30")
