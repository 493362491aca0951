"""The marts of a Spark build as a DuckDB build file, so that publishing and everything after it is one way for both engines.

``postsale build --target spark`` leaves its tables as Parquet in ``<out>/build/spark/warehouse``. A cluster keeps them where it
likes: with ``SPARK_REMOTE`` set they are read through Spark Connect, with ``POSTSALE_SPARK_WAREHOUSE`` set from a warehouse
folder that this machine sees, too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

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


def stage_marts(out: Path) -> Path:
    """Copies outcome and marts of the last Spark build to ``<out>/build/spark/postsale.duckdb`` and returns that file.

    Tables have the types of their contract; views are those of the DuckDB build, under the same policy vars. Of a build that
    was not whole only the outcome is copied, which keeps it from being published. Raises SparkError if there is no build.
    """
    out = out.resolve()
    target = out / "build" / "spark" / "postsale.duckdb"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    tables = _Tables(target.parent)
    with duckdb.connect(str(target)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create schema build; create schema {_MARTS}")
        _copy(
            connection,
            tables.read("build", "outcome"),
            "build.outcome",
            {"problem": "varchar", "target_path": "varchar"},
        )
        ((problem, target_path),) = connection.execute(
            "select problem, target_path from build.outcome"
        ).fetchall()
        if problem is None:
            folder = PROJECT / str(target_path)
            for node in _marts(folder, "table"):
                types = {name: str(column["data_type"]) for name, column in node["columns"].items()}
                _copy(connection, tables.read(_MARTS, node["name"]), f'{_MARTS}."{node["name"]}"', types)
            for name, sql in _views(folder, out):
                connection.execute(f'create view {_MARTS}."{name}" as {sql}')
        connection.execute("checkpoint")
    tables.close()
    return target


class _Tables:
    """Tables of Spark as SQL that DuckDB reads."""

    def __init__(self, work: Path) -> None:
        self._remote = "SPARK_REMOTE" in os.environ
        self._folder = work / "fetched" if self._remote else Path(
            os.environ.get("POSTSALE_SPARK_WAREHOUSE", work / "warehouse")
        )  # fmt: skip

    def read(self, schema: str, name: str) -> str:
        """A table as SQL. Raises SparkError if it is not there."""
        files = self._folder / f"{schema}.db" / name
        if self._remote:
            self._fetch(f"{schema}.{name}", files)
        if not any(files.glob("*.parquet")):
            raise SparkError(
                f"Spark has no {schema}.{name}: {files} holds no Parquet. Run `postsale build --target spark` first; tables that a"
                " cluster keeps elsewhere are found by POSTSALE_SPARK_WAREHOUSE or SPARK_REMOTE."
            )
        return f"read_parquet('{_literal(str(files))}/*.parquet')"

    def _fetch(self, relation: str, files: Path) -> None:
        from pyarrow import parquet
        from pyspark.errors import AnalysisException
        from pyspark.sql import SparkSession

        files.mkdir(parents=True, exist_ok=True)
        try:
            rows = SparkSession.builder.getOrCreate().table(relation).toArrow()
        except AnalysisException as error:
            raise SparkError(
                f"Spark has no {relation}: run `postsale build --target spark_connect` first."
            ) from error
        parquet.write_table(rows, files / "part.parquet")  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Removes what was fetched."""
        if self._remote:
            shutil.rmtree(self._folder, ignore_errors=True)


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
    names = [node["name"] for node in _marts(folder, "view")]
    if not names:
        return
    variables = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))["args"].get("vars", {})
    compiled = out / "build" / "spark" / "views"
    result = subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "compile", "--target", "duckdb", "--select", *names, "--vars", json.dumps(variables),
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
