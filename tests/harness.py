"""Runs the project's own models on small exports, without dbt's start-up for every case.

dbt compiles the project once per set of vars; the compiled statements are then run in dependency order in one bare DuckDB
process. The SQL is the same that ``dbt build`` runs (a test holds the two to equal bytes), so a known answer here is a known
answer of the real models. What was compiled is kept under the content of all that it was compiled from: every worker and every
later session takes it from there until a file of the project changes.
"""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from postsale.landing import land
from tests.in_process_dbt import InProcessDbt

PROJECT = Path(__file__).resolve().parents[1]
SHARED_DATA = Path(os.environ.get("POSTSALE_SHARED_DATA", PROJECT.parent / "shared" / "data"))

#: Salt of hashed keys: none, as for whoever sets none.
SALT = ""

#: Name of the database in compiled SQL.
_DATABASE = "postsale"

#: Stand-ins in compiled SQL, exchanged for the real values of a case.
_OUT = str(Path(tempfile.gettempdir()) / "postsale-compiled-out")
_AS_OF = "1111-11-11"

#: Compiled projects, the newest of which are kept.
_KEPT = Path(tempfile.gettempdir()) / f"postsale-compiled-{os.getuid()}"
_KEPT_COUNT = 100

_DBT = InProcessDbt()


@dataclass(frozen=True)
class Node:
    """One compiled seed, model or data test; ``materialized`` is table, view or test."""

    schema: str
    name: str
    materialized: str
    sql: str
    #: names of the seeds and models it reads
    parents: tuple[str, ...] = ()


@cache
def compiled(vars_json: str, cache: str) -> tuple[Node, ...]:
    """Compiled seeds, models and data tests for one set of vars, in dependency order.

    ``cache`` is a folder that lives as long as the test session; dbt's manifest is put there. Raises ``RuntimeError`` with what dbt
    says if it fails.
    """
    key = hashlib.sha256(f"{project_content()}|{vars_json}".encode()).hexdigest()[:24]
    kept = _KEPT / key
    with _locked(key):
        if not kept.exists():
            _compile(json.loads(vars_json), kept)
        os.utime(kept)
        manifest = Path(cache) / f"target-{key}" / "manifest.json"
        manifest.parent.mkdir(parents=True, exist_ok=True)
        if not manifest.exists():
            os.link(kept / "manifest.json", manifest)
        nodes = json.loads((kept / "nodes.json").read_text())
    return tuple(Node(**{**node, "parents": tuple(node["parents"])}) for node in nodes)


def _in_order(manifest: Mapping[str, Any]) -> list[Node]:
    """The statements of dbt's manifest, each after what it reads."""
    nodes = {
        k: n
        for k, n in manifest["nodes"].items()
        if n["resource_type"] == "seed"
        or (
            "compiled_code" in n
            and n["resource_type"] != "operation"
            and n["config"]["materialized"] != "ephemeral"
        )
    }
    order: list[str] = []
    done: set[str] = set()

    def parents(key: str) -> Iterator[str]:
        """Seeds and models that a node reads, those within an ephemeral model too."""
        for parent in sorted(manifest["nodes"][key]["depends_on"].get("nodes", [])):
            if parent in nodes:
                yield parent
            elif parent in manifest["nodes"]:
                yield from parents(parent)

    def visit(key: str) -> None:
        if key in done:
            return
        done.add(key)
        for parent in parents(key):
            visit(parent)
        order.append(key)

    for key in sorted(nodes):
        visit(key)
    return [
        statement_of(nodes[key], tuple(nodes[parent]["name"] for parent in parents(key))) for key in order
    ]


@cache
def project_content() -> str:
    """A fingerprint of all that compiled SQL follows from."""
    files = [PROJECT / name for name in ("dbt_project.yml", "profiles.yml", "vars.yml")]
    for folder in ("models", "macros", "seeds", "tests/dbt"):
        files += sorted(path for path in (PROJECT / folder).rglob("*") if path.is_file())
    content = hashlib.sha256(f"{PROJECT} {version('dbt-core')} {version('dbt-duckdb')}".encode())
    for path in files:
        content.update(f"{path}:{hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return content.hexdigest()


@contextmanager
def _locked(key: str) -> Iterator[None]:
    """Nobody else compiles the same meanwhile."""
    _KEPT.mkdir(exist_ok=True)
    with (_KEPT / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _compile(variables: Mapping[str, Any], kept: Path) -> None:
    """Compiles into the folder ``kept``, which appears whole, and drops what was used longest ago."""
    target = kept.with_suffix(".new")
    shutil.rmtree(target, ignore_errors=True)
    Path(_OUT, "build").mkdir(parents=True, exist_ok=True)
    options = [
        "--log-path", str(target / "logs"), "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
    ]  # fmt: skip
    environment = {"POSTSALE_OUT": _OUT, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    manifest, written, changed = _DBT.compile(target, options, variables, environment)
    nodes = [replace(node, sql=changed.get(node.name, node.sql)) for node in _in_order(manifest)]
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    (target / "manifest.json").write_bytes(written)
    (target / "nodes.json").write_text(json.dumps([asdict(node) for node in nodes]))
    target.rename(kept)
    others = sorted(
        (path for path in _KEPT.iterdir() if path.is_dir() and not path.suffix),
        key=lambda path: path.stat().st_mtime,
    )
    for path in others[:-_KEPT_COUNT]:
        shutil.rmtree(path, ignore_errors=True)
        path.with_suffix(".lock").unlink(missing_ok=True)


def statement_of(node: Mapping[str, Any], parents: tuple[str, ...] = ()) -> Node:
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
    return Node(node["schema"], node["name"], materialized, node["compiled_code"], parents)


def run_models(
    out: Path,
    systems: Sequence[str],
    cache: Path,
    tested: str | None = None,
    only: Collection[str] = (),
    on_disk: bool = False,
    **variables: Any,
) -> duckdb.DuckDBPyConnection:
    """Builds what has landed in ``out`` and returns an open connection; schema ``marts`` holds the results.

    They are in memory alone, or ``on_disk`` in the file that ``dbt build`` would leave. The data tests in whose name the regular
    expression ``tested`` is found have to hold, as in ``dbt build``. With ``only``, these models are built and what they need. Of
    the variables, ``seeds`` gives rows to seeds in place of the project's own. Raises ``RuntimeError`` with the name of the model
    or test that fails.
    """
    nodes = _placed(out, systems, cache, variables)
    if only:
        nodes = needed(nodes, only)
    if on_disk:
        (out / "build").mkdir(parents=True, exist_ok=True)
        database = out / "build" / f"{_DATABASE}.duckdb"
        database.unlink(missing_ok=True)
        connection = duckdb.connect(str(database), config={"threads": 2})
        _set_up(connection, nodes)
    else:
        connection = duckdb.connect(config={"threads": 1})  # tests run side by side, on little data
        connection.execute(f"attach ':memory:' as {_DATABASE}; use {_DATABASE}")
        _set_up(connection, nodes)
    _execute(connection, nodes, tested)
    return connection


def rerun_models(
    built: duckdb.DuckDBPyConnection,
    base: Path,
    out: Path,
    systems: Sequence[str],
    cache: Path,
    changes: Mapping[str, Any],
    **variables: Any,
) -> duckdb.DuckDBPyConnection:
    """What ``run_models`` built in memory of ``base`` under ``variables``, built again under ``changes`` of them.

    Models are functions of what they read: those whose SQL is another are run again and all that reads them, the rest is looked
    up in ``built``. The connection returned is one to the same process, with a database of its own.
    """  # fmt: skip
    before = {node.name: node.sql for node in _placed(out, systems, cache, variables)}
    after = _placed(out, systems, cache, {**variables, **changes})
    stale: set[str] = set()
    for node in after:
        if before.get(node.name) != node.sql or stale.intersection(node.parents):
            stale.add(node.name)
    out.mkdir(parents=True)
    (out / "landed").symlink_to(base / "landed")
    taken = {name for (name,) in built.execute("show databases").fetchall()}
    database = next(name for number in count(2) if (name := f"{_DATABASE}_{number}") not in taken)
    connection = built.cursor()
    connection.execute(f"attach ':memory:' as {database}; use {database}")
    after = tuple(
        replace(node, sql=node.sql.replace(f'"{_DATABASE}".', f'"{database}".'))
        if node.name in stale
        else replace(node, materialized="view", sql=f'from "{_DATABASE}"."{node.schema}"."{node.name}"')
        for node in after
        if node.materialized != "test"
    )
    _set_up(connection, after)
    _execute(connection, after, None)
    return connection


def _placed(out: Path, systems: Sequence[str], cache: Path, variables: Mapping[str, Any]) -> tuple[Node, ...]:
    """Compiled nodes with the folder and the day of a case."""
    overrides = {"systems": sorted(systems), **variables}
    seeds: Mapping[str, Iterable[Mapping[str, Any]]] = overrides.pop("seeds", {})
    for name, seed_rows in seeds.items():
        write_csv(out / "seeds" / f"{name}.csv", seed_rows)
    as_of = overrides.pop("as_of_date", None)
    if as_of is not None:
        overrides["as_of_date"] = _AS_OF
    nodes = compiled(json.dumps(overrides, sort_keys=True), str(cache))
    placed = (
        replace(node, sql=node.sql.replace(_OUT, str(out)).replace(_AS_OF, str(as_of))) for node in nodes
    )
    return tuple(
        replace(node, sql=node.sql.replace(str(PROJECT / "seeds"), str(out / "seeds")))
        if node.name in seeds
        else node
        for node in placed
    )


def _set_up(connection: duckdb.DuckDBPyConnection, nodes: Iterable[Node]) -> None:
    """Settings of a session as ``dbt build`` has them, and the schemas of the nodes."""
    connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
    connection.execute(f"set variable postsale_salt = '{SALT}'")
    for schema in sorted({node.schema for node in nodes if node.materialized != "test"}):
        connection.execute(f'create schema if not exists "{schema}"')


def _execute(connection: duckdb.DuckDBPyConnection, nodes: Iterable[Node], tested: str | None) -> None:
    for node in nodes:
        try:
            if node.materialized != "test":
                connection.execute(
                    f'create or replace {node.materialized} "{node.schema}"."{node.name}" as ({node.sql}\n)'
                )
            elif (
                tested and re.search(tested, node.name) and (rows := connection.execute(node.sql).fetchall())
            ):
                raise RuntimeError(f"{node.name}: {len(rows)} rows, such as {rows[0]}")
        except duckdb.Error as error:
            raise RuntimeError(f"{node.schema}.{node.name}: {error}") from error


def needed(nodes: Sequence[Node], only: Collection[str]) -> tuple[Node, ...]:
    """The named models and all that they read, directly or not. Raises ``KeyError`` for a name that is no model."""
    by_name = {node.name: node for node in nodes}
    wanted: set[str] = set()

    def want(name: str) -> None:
        if name not in wanted:
            wanted.add(name)
            for parent in by_name[name].parents:
                want(parent)

    for name in only:
        want(name)
    return tuple(node for node in nodes if node.name in wanted)


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
