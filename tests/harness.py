"""Runs the project's own models on small exports, without dbt's start-up for every case.

dbt compiles the project once per set of vars; the compiled statements are then run in dependency order in one bare DuckDB
process. The SQL is the same that ``dbt build`` runs (a test holds the two to equal bytes), so a known answer here is a known
answer of the real models.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from postsale.landing import land

PROJECT = Path(__file__).resolve().parents[1]
SHARED_DATA = Path(os.environ.get("POSTSALE_SHARED_DATA", PROJECT.parent / "shared" / "data"))

#: Salt of hashed keys: none, as for whoever sets none.
SALT = ""

#: Stand-ins in compiled SQL, exchanged for the real values of a case.
_OUT = str(Path(tempfile.gettempdir()) / "postsale-compiled-out")
_AS_OF = "1111-11-11"


@dataclass(frozen=True)
class Node:
    """One compiled seed, model or data test; ``materialized`` is table, view or test."""

    schema: str
    name: str
    materialized: str
    sql: str


@cache
def compiled(vars_json: str, cache: str) -> tuple[Node, ...]:
    """Compiled seeds, models and data tests for one set of vars, in dependency order.

    ``cache`` is a folder that lives as long as the test session. Raises ``RuntimeError`` with dbt's output if it fails.
    """
    target = Path(cache) / f"target-{abs(hash(vars_json))}"
    Path(_OUT, "build").mkdir(parents=True, exist_ok=True)
    result = subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"), "compile", "--no-introspect", "--no-populate-cache", "--quiet",
            "--vars", vars_json, "--target-path", str(target), "--log-path", str(target / "logs"),
            "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
        ],
        capture_output=True, text=True, check=False,
        env={**os.environ, "POSTSALE_OUT": _OUT, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
    )  # fmt: skip
    if result.returncode != 0:
        raise RuntimeError(result.stdout + result.stderr)
    manifest = json.loads((target / "manifest.json").read_text())
    nodes = {
        k: n
        for k, n in manifest["nodes"].items()
        if n["resource_type"] == "seed" or ("compiled_code" in n and n["resource_type"] != "operation")
    }
    order: list[str] = []
    done: set[str] = set()

    def visit(key: str) -> None:
        if key in done:
            return
        done.add(key)
        for parent in sorted(nodes[key]["depends_on"].get("nodes", [])):
            if parent in nodes:
                visit(parent)
        order.append(key)

    for key in sorted(nodes):
        visit(key)
    return tuple(statement_of(nodes[key]) for key in order)


def statement_of(node: Mapping[str, Any]) -> Node:
    """One compiled seed, model or data test of dbt's manifest."""
    if node["resource_type"] == "seed":
        types = node["config"].get("column_types") or {}
        path = PROJECT / node["original_file_path"]
        with path.open(encoding="utf-8") as file:
            header = next(csv.reader(file))
        columns = {name: types.get(name, "varchar") for name in header}
        spec = ", ".join(f"'{name}': '{data_type}'" for name, data_type in columns.items())
        sql = f"select * from read_csv('{path}', header = true, delim = ',', quote = '\"', columns = {{{spec}}})"
        return Node(node["schema"], node["name"], "table", sql)
    materialized = node["config"]["materialized"].replace("incremental", "table")  # from nothing
    return Node(node["schema"], node["name"], materialized, node["compiled_code"])


def run_models(
    out: Path, systems: Sequence[str], cache: Path, tested: str | None = None, **variables: Any
) -> duckdb.DuckDBPyConnection:
    """Builds what has landed in ``out`` and returns an open connection; schema ``marts`` holds the results.

    The data tests in whose name the regular expression ``tested`` is found have to hold, as in ``dbt build``. Of the
    variables, ``seeds`` gives rows to seeds in place of the project's own. Raises ``RuntimeError`` with the name of the model or test that fails.
    """
    seeds: Mapping[str, Iterable[Mapping[str, Any]]] = variables.pop("seeds", {})
    for name, seed_rows in seeds.items():
        write_csv(out / "seeds" / f"{name}.csv", seed_rows)
    as_of = variables.pop("as_of_date", None)
    overrides = {"systems": list(systems), **variables}
    if as_of is not None:
        overrides["as_of_date"] = _AS_OF
    nodes = compiled(json.dumps(overrides, sort_keys=True), str(cache))
    (out / "build").mkdir(parents=True, exist_ok=True)
    database = out / "build" / "postsale.duckdb"
    database.unlink(missing_ok=True)
    connection = duckdb.connect(str(database), config={"threads": 2})
    connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
    connection.execute(f"set variable postsale_salt = '{SALT}'")
    for schema in sorted({node.schema for node in nodes if node.materialized != "test"}):
        connection.execute(f'create schema if not exists "{schema}"')
    for node in nodes:
        sql = node.sql.replace(_OUT, str(out)).replace(_AS_OF, str(as_of))
        if node.name in seeds:
            sql = sql.replace(str(PROJECT / "seeds"), str(out / "seeds"))
        try:
            if node.materialized != "test":
                connection.execute(f'create {node.materialized} "{node.schema}"."{node.name}" as ({sql}\n)')
            elif tested and re.search(tested, node.name) and (rows := connection.execute(sql).fetchall()):
                raise RuntimeError(f"{node.name}: {len(rows)} rows, such as {rows[0]}")
        except duckdb.Error as error:
            raise RuntimeError(f"{node.schema}.{node.name}: {error}") from error
    return connection


def reason_key(words: str) -> str:
    """What the macro of this name makes of the words of a loss reason."""
    return hashlib.sha256(f"{SALT}|{words.strip().lower()}".encode()).hexdigest()


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes rows with the union of their columns; a missing or None value is an empty field."""
    rows = list(rows)
    header = list(dict.fromkeys(name for row in rows for name in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, header, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def build(
    folder: Path, exports: Mapping[str, Iterable[Mapping[str, Any]]], cache: Path, **variables: Any
) -> duckdb.DuckDBPyConnection:
    """Writes ``{"templates/contract_lines": rows, …}`` as CSV, lands them and builds all models on them."""
    raw, out = folder / "raw", folder / "out"
    for name, rows in exports.items():
        write_csv(raw / f"{name}.csv", rows)
    systems = variables.pop("systems", None) or sorted({name.split("/")[0] for name in exports})
    land(raw, out, list(systems), PROJECT, lambda _line: None)
    return run_models(out, systems, cache, **variables)


def metric(
    connection: duckdb.DuckDBPyConnection,
    key: str,
    grain: str,
    period_end: str,
    dimension: str = "all",
    member: str = "all",
) -> dict[str, Any] | None:
    """One row of fct_metric_values as a dict, or None where there is none."""
    cursor = connection.execute(
        "select * from marts.fct_metric_values where metric_key = ? and period_grain = ? and period_end = cast(? as date)"
        " and dimension = ? and member = ?",
        [key, grain, period_end, dimension, member],
    )
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    assert len(rows) <= 1, f"{len(rows)} rows for {key}"
    return dict(zip(names, rows[0], strict=True)) if rows else None
