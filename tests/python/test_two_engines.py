"""Spark gives the same warehouse as DuckDB: every row of every table, in every type, down to the last decimal.

One company with dirt of every kind is built twice from the same landed files, tests included, and published from both builds.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from postsale import cli
from postsale.landing import land
from tests import nasty_company
from tests.harness import PROJECT

SYSTEMS = [
    "gainsight", "jira", "pendo", "qualtrics", "salesforce", "stripe", "templates", "zendesk", "zuora",
]  # fmt: skip
#: More rows are rejected than in any export that is what it seems to be; so the clock has to be told, or stray days move it.
VARS = "{max_rejected_share: 1, as_of_date: '2026-10-31'}"
#: Marts that this company leaves without a row, and why equal emptiness has to do.
EMPTY = {
    "fct_attached_due_ratios": "no service that came with a sale has fallen due yet",
    "fct_service_effects": "services are on record for less than two years",
    "fct_service_effect_subjects": "services are on record for less than two years",
}
#: A small company is all start-up: code that is compiled for it is not worth the compiling.
SPARK_DEFAULTS = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}
JVM_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m"


@dataclass(frozen=True)
class Engines:
    """The same company as built by both."""

    duckdb_out: Path
    spark_out: Path
    #: catalog ``duck`` is DuckDB's build
    connection: duckdb.DuckDBPyConnection

    def on_spark(self, schema: str, table: str) -> str:
        """A table of the Spark build as SQL."""
        return f"read_parquet('{self.spark_out}/build/spark/warehouse/{schema}.db/{table}/*.parquet')"

    def types(self, relation: str) -> dict[str, str]:
        rows = self.connection.execute(f"describe select * from {relation}").fetchall()
        return {name: data_type for name, data_type, *_ in rows}

    def tables(self, schema: str) -> list[str]:
        """Tables of DuckDB's build that have rows or are marts."""
        rows = self.connection.execute(
            "select table_name, estimated_size from duckdb_tables() where database_name = 'duck' and schema_name = ? order by 1",
            [schema],
        ).fetchall()
        return [name for name, size in rows if size or schema == "marts"]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        missing = "Spark needs Java 17: install openjdk-17-jre-headless"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("engines")
    nasty_company.write(folder / "raw")
    outs = {"duckdb": folder / "duckdb", "spark": folder / "spark"}
    land(folder / "raw", outs["duckdb"], SYSTEMS, PROJECT, lambda _line: None)
    shutil.copytree(outs["duckdb"] / "landed", outs["spark"] / "landed")
    (folder / "conf").mkdir()
    lines = [f"{name} {value}\n" for name, value in SPARK_DEFAULTS.items()]
    (folder / "conf" / "spark-defaults.conf").write_text("".join(lines), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(folder / "conf"))
        patch.setenv("SPARK_SUBMIT_OPTS", JVM_OPTIONS)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        for variable in ("SPARK_REMOTE", "POSTSALE_SPARK_WAREHOUSE"):
            patch.delenv(variable, raising=False)
        for target, out in outs.items():
            arguments = [
                "--out",
                str(out),
                "--target",
                target,
                "--systems",
                " ".join(SYSTEMS),
                "--vars",
                VARS,
            ]
            assert cli.main(["build", *arguments]) == 0, f"the build on {target} failed"
            assert cli.main(["publish", "--out", str(out), "--from", target]) == 0
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{outs['duckdb'] / 'build' / 'postsale.duckdb'}' as duck (read_only)")
        yield Engines(outs["duckdb"], outs["spark"], connection)


@pytest.mark.parametrize("schema", ["marts", "intermediate", "staging", "seeds"])
def test_every_table_has_the_same_rows_on_both_engines(
    engines: Engines, schema: str, capsys: pytest.CaptureFixture[str]
) -> None:
    differences, compared = [], 0
    for table in engines.tables(schema):
        left, right = f'duck.{schema}."{table}"', engines.on_spark(schema, table)
        types = engines.types(left)
        if schema == "marts" and engines.types(right) != types:
            differences.append(f"{table}: types {sorted(types.items() ^ engines.types(right).items())}")
        # How a kept record was read is said in the SQL of the engine.
        columns = ", ".join(f'"{name}"' for name in types if name != "_load")
        ((rows, missing, extra),) = engines.connection.execute(
            f"with l as (select {columns} from {left}), r as (select {columns} from {right})"
            " select (select count(*) from l), (select count(*) from (from l except all from r)),"
            " (select count(*) from (from r except all from l))"
        ).fetchall()
        compared += rows
        if missing or extra:
            differences.append(f"{table}: of {rows} rows {missing} are not on Spark, {extra} only there")
    with capsys.disabled():
        print(f" [{schema}: {compared:,} rows of {len(engines.tables(schema))} tables compared]", end="")
    assert not differences, "\n".join(differences)
    assert compared > 0


def test_every_mart_is_compared_by_rows_or_says_why_not(engines: Engines) -> None:
    empty = {
        table
        for table in engines.tables("marts")
        if engines.connection.execute(f'select count(*) from duck.marts."{table}"').fetchall() == [(0,)]
    }
    assert empty == set(EMPTY)


@pytest.mark.parametrize("kind", list(nasty_company.VALUES))
def test_a_text_is_the_same_value_on_both_engines(engines: Engines, kind: str) -> None:
    system, table, key, column = nasty_company.PLACES[kind]
    expected = {nasty_company.key_of(kind, text): value for text, value in nasty_company.VALUES[kind].items()}
    base = f"base_{system}__{table}"
    cast = "varchar" if kind in ("date", "timestamp") else engines.types(f"duck.staging.{base}")[column]
    for relation in (f"duck.staging.{base}", engines.on_spark("staging", base)):
        rows: dict[str, Any] = dict(
            engines.connection.execute(
                f'select "{key}", cast("{column}" as {cast}) from {relation} where "{key}" like ?',
                [f"{kind} %"],
            ).fetchall()
        )
        assert rows == expected, relation


def test_a_reader_cannot_tell_which_engine_built_the_marts(engines: Engines) -> None:
    contents: list[tuple[Any, ...]] = []
    for out in (engines.duckdb_out, engines.spark_out):
        version = (out / "published" / "current").resolve()
        with duckdb.connect(str(version / "postsale.duckdb"), read_only=True) as connection:
            described = connection.execute(
                "select table_name, column_index, column_name, data_type, comment from duckdb_columns()"
                " where schema_name = 'marts' order by all"
            ).fetchall()
            comments = connection.execute(
                "select table_name as name, comment from duckdb_tables() union all select view_name, comment from duckdb_views()"
                " where schema_name = 'marts' order by all"
            ).fetchall()
            views = {
                name
                for (name,) in connection.execute(
                    "select view_name from duckdb_views() where schema_name = 'marts'"
                ).fetchall()
            }
            # Tables in the order in which they stand in the file: it is a part of the copy. A view has none.
            rows = {
                name: connection.execute(
                    f'from marts."{name}"{" order by all" if name in views else ""}'
                ).fetchall()
                for name, _ in comments
            }
        files = sorted(path.name for path in (version / "parquet").iterdir())
        contents.append((version.name, described, comments, rows, files))
    for *_, tables, _files in contents:
        assert len(tables["fct_metric_contributions"]) > 1000
    from_duckdb, from_spark = contents
    different = [name for name, rows in from_duckdb[3].items() if from_spark[3].get(name) != rows]
    assert not different
    assert from_spark == from_duckdb
