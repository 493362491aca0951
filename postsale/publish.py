"""The readers' copy: one folder a version with the marts alone, audited, sealed and exchanged whole.

::

    published/v000042/postsale.duckdb       schema marts, every table and column described
    published/v000042/parquet/<mart>.parquet    the same tables; descriptions and version as metadata of the file
    published/v000042/data_docs/            what the audit found
    published/current -> v000042            what readers open

The build writes ``<out>/build/postsale.duckdb``, which locks out every other process while it works. Readers get a finished,
closed, read-only file. ``current`` is a link that one atomic rename points at the new version; a reader that has opened or resolved
the old one goes on undisturbed, because the last versions are kept. Whatever ends publishing early, be it a kill, leaves
``current`` as it was, and the next run clears away what was left lying.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import duckdb

from postsale import audit as audits
from postsale import disk, history

#: Versions kept beside the current one.
KEPT_VERSIONS = 3
PROJECT = Path(__file__).resolve().parents[1]
_SCHEMA = "marts"
_FILE = "postsale.duckdb"
_VERSION = re.compile(r"v\d{6,}")

_EXPECTATIONS = (
    "What the audit of this version expected of the raw exports and of the marts, and what it found."
)
#: Type and description of the columns of dq_expectations, in the order of ``audit.Outcome``.
_EXPECTATION_COLUMNS = {
    "suite": ("varchar", "Group of expectations."),
    "expectation": ("varchar", "What is expected, in short."),
    "relation": ("varchar", "Export or mart it is expected of."),
    "column": ("varchar", "Column it is expected of; null where it concerns whole rows."),
    "severity": (
        "varchar",
        "critical: unmet, it stops publishing. warning: unmet, readers are told.",
    ),
    "is_met": ("boolean", "Whether the expectation is met."),
    "observed": ("varchar", "What was found; null where there is nothing to tell."),
    "expected": ("varchar", "What was expected."),
}

Audit = Callable[[Path, Path, Path | None, Path, Callable[[str], None]], Sequence[audits.Outcome]]
Record = Callable[[duckdb.DuckDBPyConnection, Path | None, str], None]


class PublishError(Exception):
    """The readers' copy cannot be made; the message says why and what to do. The last good copy stays in place."""


@dataclass(frozen=True)
class _Mart:
    """One relation of the schema marts, with the columns readers may see and the descriptions of all of it."""

    name: str
    is_view: bool
    description: str
    columns: Mapping[str, str]


def publish(
    out: Path,
    manifest: Path | None = None,
    echo: Callable[[str], None] = print,
    *,
    keep: int = KEPT_VERSIONS,
    audit: Audit = audits.audit,
    record: Record = history.record,
    build: Path | None = None,
) -> Path:
    """Makes a new version of the build's marts, points ``current`` at it and returns the DuckDB file readers open.

    The build has to say of itself that it is whole (macros/build_outcome.sql). ``manifest`` is dbt's, by default the one of
    that build; columns it marks personal and models it marks ``published: false`` stay behind. Rows are written in a fixed
    order, so that the same marts give the same tables. ``keep`` (1 or more) versions stay beside the new one. Raises
    PublishError, and leaves the last version in force, if anything fails or an expectation marked critical is not met.
    ``record`` continues the history of what was published; ``build`` is the build's file, by default ``<out>/build/postsale.duckdb``.
    """
    source = build or out / "build" / _FILE
    published = out / "published"
    previous = _served(published)
    readers = f"Readers keep {previous.name}." if previous else "Nothing has been published yet."
    try:
        published.mkdir(parents=True, exist_ok=True)
        for left_lying in published.glob(".v*"):
            disk.remove(left_lying)
        version = published / _next_version(published)
        candidate = published / f".{version.name}.new"
        try:
            candidate.mkdir()
            with duckdb.connect(
                str(candidate / _FILE), config={"temp_directory": str(source.parent / "tmp")}
            ) as connection:
                connection.execute("set TimeZone = 'UTC'")
                _copy(source, connection, manifest)
                record(connection, previous / _FILE if previous else None, version.name)
                connection.execute("checkpoint")
            outcomes = _audit(out, candidate, previous, audit, echo)
            count = _finish(candidate, outcomes, version.name)
            disk.seal(candidate)
            candidate.rename(version)
        except BaseException:
            disk.remove(candidate)
            raise
        disk.sync(published)
        disk.point(published / "current", version)
    except (PublishError, history.HistoryError) as error:
        raise PublishError(f"{error}\n{readers}") from error
    except (OSError, duckdb.Error) as error:
        why = disk.reason(error, published) or _lock_reason(error) or str(error)
        raise PublishError(f"Publishing stopped: {why}\n{readers}") from error
    echo(f"published {count} marts as {version.name}")
    _remove_old(published, {version, previous}, keep, echo)
    return published / "current" / _FILE


def _versions(published: Path) -> list[Path]:
    """All versions, oldest first."""
    found = [path for path in published.glob("v*") if _VERSION.fullmatch(path.name)]
    return sorted(found, key=lambda path: int(path.name[1:]))


def _next_version(published: Path) -> str:
    versions = _versions(published)
    return f"v{int(versions[-1].name[1:]) + 1 if versions else 1:06d}"


def _served(published: Path) -> Path | None:
    """The version that readers have: the one ``current`` points at or, when that link is lost, the newest."""
    current = published / "current"
    if current.exists() and not current.is_symlink():
        raise PublishError(f"{current} is not the link that publishing sets: move it away and publish again.")
    linked = [published / current.readlink()] if current.is_symlink() else []
    for version in [*linked, *reversed(_versions(published))]:
        if (version / _FILE).is_file():
            return version
    return None


def _copy(build: Path, connection: duckdb.DuckDBPyConnection, manifest: Path | None) -> None:
    """Copies the marts of a whole build to the new file that is open."""
    if not build.exists():
        raise PublishError(f"Nothing to publish: {build} does not exist. Run `dbt build` first.")
    # From here on until it is detached, no build can begin.
    connection.execute(f"attach '{_literal(str(build))}' as built (read_only)")
    described_in = _manifest_of_whole_build(connection, build)
    marts = _published_marts(manifest or described_in)
    connection.execute(f"create schema {_SCHEMA}")
    for mart in marts:
        if mart.is_view:
            connection.execute(_view_sql(connection, mart.name))
        else:
            columns = ", ".join(f'"{name}"' for name in mart.columns)
            connection.execute(
                f'create table {_SCHEMA}."{mart.name}" as select {columns} from built.{_SCHEMA}."{mart.name}" order by all'
            )
        _describe(connection, mart)
    connection.execute("detach built")


def _manifest_of_whole_build(connection: duckdb.DuckDBPyConnection, build: Path) -> Path:
    """The manifest of the build, if the build says that it is whole."""
    try:
        rows = connection.execute("select problem, target_path from built.build.outcome").fetchall()
    except duckdb.CatalogException:
        rows = []
    if not rows:
        raise PublishError(f"{build} was not finished. Run `dbt build` first.")
    ((problem, target_path),) = rows
    if problem:
        raise PublishError(
            f"{build} is not whole: {problem}. Only what was built and tested whole is published: run `dbt build` first."
        )
    return PROJECT / str(target_path) / "manifest.json"


def _published_marts(manifest: Path) -> list[_Mart]:
    try:
        nodes: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    except (OSError, ValueError, KeyError) as error:
        raise PublishError(f"{manifest} is no dbt manifest: run `dbt build` first.") from error
    marts = [
        _Mart(
            name=node["name"],
            is_view=node["config"]["materialized"] in ("view", "ephemeral"),  # the latter on Spark
            description=node["description"],
            columns={
                name: column["description"]
                for name, column in node["columns"].items()
                if not column["config"].get("meta", {}).get("personal")
            },
        )
        for node in nodes.values()
        if node["resource_type"] == "model"
        and node["schema"] == _SCHEMA
        and node["config"]["meta"].get("published", True)
    ]
    return sorted(marts, key=lambda mart: (mart.is_view, mart.name))


def _view_sql(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """The view's own statement without the build's catalog name, so that it works under whatever name the file is attached."""
    row = connection.execute(
        "select sql from duckdb_views() where database_name = 'built' and schema_name = ? and view_name = ?",
        [_SCHEMA, name],
    ).fetchone()
    if row is None:
        raise PublishError(f"The build has no view {_SCHEMA}.{name}: build again.")
    return (
        str(row[0])
        .replace('"postsale".', "")
        .replace("postsale.marts.", "marts.")
        .replace("built.marts.", "marts.")
    )


def _describe(connection: duckdb.DuckDBPyConnection, mart: _Mart) -> None:
    kind = "view" if mart.is_view else "table"
    connection.execute(f"comment on {kind} {_SCHEMA}.\"{mart.name}\" is '{_literal(mart.description)}'")
    for name, description in mart.columns.items():
        connection.execute(
            f'comment on column {_SCHEMA}."{mart.name}"."{name}" is \'{_literal(description)}\''
        )


def _audit(
    out: Path, candidate: Path, previous: Path | None, audit: Audit, echo: Callable[[str], None]
) -> Sequence[audits.Outcome]:
    """What the audit of the candidate found; raises PublishError where it must not be published."""
    docs = out / "build" / "data_docs"
    disk.remove(docs)
    outcomes = audit(candidate / _FILE, out, previous / _FILE if previous else None, docs, echo)
    unmet = [outcome for outcome in outcomes if outcome.severity == "critical" and not outcome.is_met]
    if unmet:
        lines = [
            f"  - {outcome.relation}{f'.{outcome.column}' if outcome.column else ''}: {outcome.expectation}"
            f" (expected {outcome.expected}, found {outcome.observed or 'otherwise'})"
            for outcome in unmet
        ]
        raise PublishError(
            "\n".join(
                [f"Not published: {len(unmet)} critical expectations are not met.", *lines, f"See {docs}."]
            )
        )
    if docs.is_dir():
        shutil.copytree(docs, candidate / "data_docs")
    return outcomes


def _finish(candidate: Path, outcomes: Sequence[audits.Outcome], version: str) -> int:
    """Adds what the audit found, and every table as Parquet; returns the number of tables and views."""
    name = "dq_expectations"
    with duckdb.connect(str(candidate / _FILE)) as connection:
        spec = ", ".join(f'"{column}" {kind}' for column, (kind, _) in _EXPECTATION_COLUMNS.items())
        connection.execute(f"create table {_SCHEMA}.{name} ({spec})")
        for row in sorted(outcomes, key=lambda outcome: [str(value) for value in astuple(outcome)]):
            values = ", ".join("?" for _ in _EXPECTATION_COLUMNS)
            connection.execute(f"insert into {_SCHEMA}.{name} values ({values})", astuple(row))
        texts = {column: text for column, (_, text) in _EXPECTATION_COLUMNS.items()}
        _describe(connection, _Mart(name, False, _EXPECTATIONS, texts))
        connection.execute("checkpoint")
    with duckdb.connect(str(candidate / _FILE), read_only=True) as connection:
        undescribed = connection.execute(
            "select concat_ws('.', table_name, column_name) from duckdb_columns()"
            " where schema_name = ? and coalesce(comment, '') = '' order by all",
            [_SCHEMA],
        ).fetchall()
        if undescribed:
            names = ", ".join(name for (name,) in undescribed)
            raise PublishError(f"Not published: columns without a description: {names}.")
        _write_parquet(connection, candidate / "parquet", version)
        count = connection.execute(
            "select count(*) from information_schema.tables where table_schema = ?", [_SCHEMA]
        ).fetchone()
        return int(count[0]) if count else 0


def _write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path, version: str) -> None:
    """Every table in the order of its rows; descriptions and version go into the metadata of the file."""
    folder.mkdir()
    tables = connection.execute(
        "select table_name, comment from duckdb_tables() where schema_name = ? order by table_name", [_SCHEMA]
    ).fetchall()
    for table, description in tables:
        columns = connection.execute(
            "select column_name, comment from duckdb_columns() where schema_name = ? and table_name = ? order by column_index",
            [_SCHEMA, table],
        ).fetchall()
        connection.execute(
            f"copy {_SCHEMA}.\"{table}\" to '{_literal(str(folder / table))}.parquet' (format parquet, compression zstd,"
            " kv_metadata {version: ?, description: ?, column_descriptions: ?})",
            [version, description, json.dumps(dict(columns), ensure_ascii=False)],
        )


def _remove_old(published: Path, served: set[Path | None], keep: int, echo: Callable[[str], None]) -> None:
    """Removes all but the newest versions and those readers may be in. What cannot be removed now is so the next time."""
    for old in _versions(published)[: -keep - 1]:
        if old not in served:
            try:
                disk.remove(old.rename(old.with_name(f".{old.name}.old")))
            except OSError as error:
                echo(f"{old.name} is no longer needed and cannot be removed: {error}")


def _lock_reason(error: OSError | duckdb.Error) -> str | None:
    """DuckDB's message about a file that another process is writing, with what to do."""
    text = str(error)
    if "lock on file" in text:
        return f"another process is writing the build. Publish when it is done.\n{text}"
    return None


def _literal(text: str) -> str:
    return text.replace("'", "''")
