"""The marts of a Spark build as a DuckDB build file, so that publishing and everything after it is one way for both engines.

Target ``spark`` leaves its tables as Parquet in ``<out>/build/spark/warehouse``. Those of ``spark_thrift`` are read from the
server's warehouse folder, which ``POSTSALE_SPARK_WAREHOUSE`` names; those of ``spark_connect`` through the server.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: dbt targets in profiles.yml that build on Spark.
TARGETS = ("spark", "spark_connect", "spark_thrift")
PROJECT = Path(__file__).resolve().parents[1]
_MARTS = "marts"


class SparkError(Exception):
    """The marts of the Spark build cannot be read; the message says why and what to do."""


def clear(out: Path) -> None:
    """Removes what an earlier local build left: a table that a killed one half wrote would stand in the way of the next."""
    for name in ("warehouse", "metastore"):
        shutil.rmtree(out / "build" / "spark" / name, ignore_errors=True)


def stage_marts(out: Path, target: str = "spark") -> Path:
    """Copies outcome and marts of the last build on ``target`` to ``<out>/build/spark/postsale.duckdb`` and returns that file.

    Tables have the types of their contract; views are those of the DuckDB build, under the same policy vars. Of a build that
    was not whole only the outcome is copied, which keeps it from being published. Raises SparkError if there is no build.
    """
    out = out.resolve()
    file = out / "build" / "spark" / "postsale.duckdb"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as fetched, duckdb.connect(str(file)) as connection:
        tables = _Tables(target, file.parent, Path(fetched))
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create schema build; create schema {_MARTS}")
        outcome = {"problem": "varchar", "target_path": "varchar"}
        _copy(connection, tables.sql("build", "outcome"), "build.outcome", outcome)
        ((problem, target_path),) = connection.execute(
            "select problem, target_path from build.outcome"
        ).fetchall()
        if problem is None:
            artifacts = PROJECT / str(target_path)
            for node in _marts(artifacts, "table"):
                types = {name: str(column["data_type"]) for name, column in node["columns"].items()}
                _copy(connection, tables.sql(_MARTS, node["name"]), f'{_MARTS}."{node["name"]}"', types)
            for name, sql in _views(artifacts, out):
                connection.execute(f'create view {_MARTS}."{name}" as {sql}')
        connection.execute("checkpoint")
    return file


class _Tables:
    """Tables of a Spark build as SQL that DuckDB reads."""

    def __init__(self, target: str, local: Path, fetched: Path) -> None:
        self._session: SparkSession | None = None
        if target == "spark_connect":
            self._session = _connected()
            self._folder = fetched
        elif target == "spark_thrift":
            named = os.environ.get("POSTSALE_SPARK_WAREHOUSE")
            if not named:
                raise SparkError("Set POSTSALE_SPARK_WAREHOUSE to the warehouse folder of the thrift server.")
            self._folder = Path(named)
        else:
            self._folder = local / "warehouse"

    def sql(self, schema: str, name: str) -> str:
        """A table as SQL. Raises SparkError if it is not there."""
        files = self._folder / f"{schema}.db" / name
        if self._session is not None:
            self._fetch(self._session, f"{schema}.{name}", files)
        if not any(files.glob("*.parquet")):
            raise SparkError(
                f"There is no table {schema}.{name} in {files}: run `postsale build` with this target first."
            )
        return f"read_parquet('{_literal(str(files))}/*.parquet')"

    @staticmethod
    def _fetch(session: SparkSession, relation: str, files: Path) -> None:
        from pyspark.errors import AnalysisException

        try:
            rows = session.table(relation).toArrow()
        except AnalysisException as error:
            raise SparkError(
                f"Spark has no {relation}: run `postsale build` with this target first."
            ) from error
        files.mkdir(parents=True)
        duckdb.from_arrow(rows).write_parquet(str(files / "part.parquet"))


def _connected() -> SparkSession:
    if not os.environ.get("SPARK_REMOTE"):
        raise SparkError("Set SPARK_REMOTE to the Spark Connect server, such as sc://host:15002.")
    from pyspark.sql import SparkSession

    return SparkSession.builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()


def _copy(connection: duckdb.DuckDBPyConnection, source: str, target: str, types: Mapping[str, str]) -> None:
    columns = ", ".join(f'cast("{name}" as {data_type}) as "{name}"' for name, data_type in types.items())
    connection.execute(f"create table {target} as select {columns} from {source}")


def _marts(folder: Path, materialized: str) -> list[Mapping[str, Any]]:
    """Marts of one materialization in the manifest in ``folder``, each after those it reads."""
    manifest = folder / "manifest.json"
    try:
        nodes: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    except (OSError, ValueError, KeyError) as error:
        raise SparkError(
            f"{manifest} is no dbt manifest: run `postsale build --target spark` first."
        ) from error
    chosen = {
        key: node
        for key, node in sorted(nodes.items())
        if node["resource_type"] == "model"
        and node["schema"] == _MARTS
        and node["config"]["materialized"] == materialized
    }
    order = TopologicalSorter(
        {key: node["depends_on"]["nodes"] for key, node in chosen.items()}
    ).static_order()
    return [chosen[key] for key in order if key in chosen]


def _views(folder: Path, out: Path) -> Iterator[tuple[str, str]]:
    """Name and DuckDB's SQL of every view among the marts, under the vars of the build whose artifacts are in ``folder``."""
    # Those that are no views on Spark, whose catalogue keeps no long text, are views for readers all the same.
    names = [node["name"] for kind in ("view", "ephemeral") for node in _marts(folder, kind)]
    if not names:
        return
    variables = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))["args"].get("vars", {})
    compiled = out / "build" / "spark" / "views"
    result = subprocess.run(
        [
            sys.executable, "-m", "postsale.run_dbt", "compile", "--target", "duckdb", "--select", *names, "--vars", json.dumps(variables),
            "--no-introspect", "--no-populate-cache", "--quiet", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
            "--target-path", str(compiled), "--log-path", str(compiled / "logs"),
        ],
        cwd=PROJECT, capture_output=True, text=True, check=False,
        env={**os.environ, "POSTSALE_OUT": str(out), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
    )  # fmt: skip
    if result.returncode != 0:
        raise SparkError(f"The views of the marts do not compile for DuckDB:\n{result.stdout}{result.stderr}")
    for node in _marts(compiled, "view"):
        yield str(node["name"]), str(node["compiled_code"])


def _literal(text: str) -> str:
    return text.replace("'", "''")
