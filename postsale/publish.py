"""The readers' copy: a separate DuckDB file with the marts alone, exchanged whole.

The build writes ``<out>/build/postsale.duckdb``, which locks out every other process while it works. Readers get
``<out>/published/current/postsale.duckdb``: a finished, closed, read-only file. ``current`` is a link that one atomic rename
points at the new version; a reader that has the old one open goes on undisturbed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

#: Versions kept beside the current one.
KEPT_VERSIONS = 3
_SCHEMA = "marts"
_FILE = "postsale.duckdb"


class PublishError(Exception):
    """The readers' copy cannot be made; the message says why and what to do. The last good copy stays in place."""


@dataclass(frozen=True)
class _Mart:
    """One relation of the schema marts, with the columns readers may see and the descriptions of all of it."""

    name: str
    is_view: bool
    description: str
    columns: Mapping[str, str]


def publish(out: Path, manifest: Path, echo: Callable[[str], None] = print) -> Path:
    """Copies the marts of the build into a new version, points ``current`` at it and returns the file readers open.

    Rows are written in a fixed order, so that the same marts give the same tables. Columns marked personal and models marked
    ``published: false`` stay behind. Raises ``PublishError`` and leaves the last version in force if anything fails.
    """
    build = out / "build" / _FILE
    if not build.exists():
        raise PublishError(f"Nothing to publish: {build} does not exist. Run the build first.")
    marts = _published_marts(manifest)
    published = out / "published"
    version = published / _next_version(published)
    staging = published / f".{version.name}.new"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        staging.mkdir(parents=True)
        _copy(build, staging / _FILE, marts)
        os.chmod(staging / _FILE, 0o444)
        _sync(staging / _FILE)
        staging.rename(version)
        _point_current_at(published, version)
    except (OSError, duckdb.Error) as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise PublishError(f"Publishing stopped, readers keep the last version: {error}") from error
    for old in sorted(published.glob("v[0-9]*"))[: -KEPT_VERSIONS - 1]:
        shutil.rmtree(old, ignore_errors=True)
    echo(f"published {len(marts)} marts as {version.name}")
    return published / "current" / _FILE


def _published_marts(manifest: Path) -> list[_Mart]:
    try:
        nodes: dict[str, Any] = json.loads(manifest.read_text())["nodes"]
    except (OSError, ValueError, KeyError) as error:
        raise PublishError(f"{manifest} is no dbt manifest: run the build first.") from error
    marts = [
        _Mart(
            name=node["name"],
            is_view=node["config"]["materialized"] == "view",
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


def _copy(build: Path, target: Path, marts: list[_Mart]) -> None:
    with duckdb.connect(str(target)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{_literal(str(build))}' as build (read_only)")
        connection.execute(f"create schema {_SCHEMA}")
        for mart in marts:
            if mart.is_view:
                connection.execute(_view_sql(connection, mart.name))
            else:
                columns = ", ".join(f'"{name}"' for name in mart.columns)
                connection.execute(
                    f'create table {_SCHEMA}."{mart.name}" as select {columns} from build.{_SCHEMA}."{mart.name}" order by all'
                )
            kind = "view" if mart.is_view else "table"
            connection.execute(
                f"comment on {kind} {_SCHEMA}.\"{mart.name}\" is '{_literal(mart.description)}'"
            )
            for name, description in mart.columns.items():
                connection.execute(
                    f'comment on column {_SCHEMA}."{mart.name}"."{name}" is \'{_literal(description)}\''
                )
        connection.execute("detach build")
        connection.execute("checkpoint")


def _view_sql(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """The view's own statement without the build's catalog name, so that it works under whatever name the file is attached."""
    row = connection.execute(
        "select sql from duckdb_views() where database_name = 'build' and schema_name = ? and view_name = ?",
        [_SCHEMA, name],
    ).fetchone()
    if row is None:
        raise PublishError(f"The build has no view {_SCHEMA}.{name}: build again.")
    return (
        str(row[0])
        .replace('"postsale".', "")
        .replace("postsale.marts.", "marts.")
        .replace("build.marts.", "marts.")
    )


def _literal(text: str) -> str:
    return text.replace("'", "''")


def _next_version(published: Path) -> str:
    numbers = [int(path.name[1:]) for path in published.glob("v[0-9]*") if path.name[1:].isdigit()]
    return f"v{max(numbers, default=0) + 1:06d}"


def _sync(path: Path) -> None:
    """Forces a file and the entry of its folder to disk."""
    for target in (path, path.parent):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _point_current_at(published: Path, version: Path) -> None:
    link = published / ".current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(version.name, target_is_directory=True)
    os.replace(link, published / "current")
