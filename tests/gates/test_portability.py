"""The models stay readable to Spark: the whole project compiles for it, and its grammar accepts every model.

No Spark is started, so this says nothing about results. What parses but means something else there is searched for by pattern.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import sqlfluff
from py4j.protocol import Py4JJavaError
from pyspark.java_gateway import launch_gateway
from sqlfluff.core import FluffConfig, Linter

from postsale.contract import Table, read_contract
from tests.harness import PROJECT

Models = dict[str, str]

#: What fails on Spark, or means something else there. Texts are searched without comments and string literals.
DIALECT = {
    "a cast by ::": r"::",
    "a JSON arrow": r"->>?\s*'",
    "a double-quoted identifier": r'"',
    "a list literal or subscript": r"\[(?!\(\d+\)\])",  # dbt itself writes split(…)[(0)] for Spark
    "strpos": r"\bstrpos\s*\(",
    "varchar without a length": r"\bvarchar\b(?!\s*\()",
    "the type text": r"\bas\s+text\b",
    "a type of DuckDB": r"\bas\s+(hugeint|ubigint|uinteger|timestamptz|json|uuid|double\s+precision)\b",
    "a function of DuckDB": (
        r"\b(arg_max|arg_min|date_diff|datesub|date_sub|epoch|epoch_ms|fsum|generate_series|histogram|json_extract\w*|list_\w+|read_parquet"
        r"|read_csv|regexp_matches|strftime|strptime|string_split|struct_pack|to_days|to_months|to_years|unnest|timezone|make_date)\s*\("
    ),
    "a star with exclude or replace": r"\*\s*(exclude|replace)\b",
    "an interval": r"(?<!`)\binterval\b",
}
#: Words that Spark's grammar takes as names only between backticks in ANSI mode with reserved keywords enforced.
RESERVED = [
    "all", "and", "anti", "any", "as", "both", "case", "cast", "check", "collate",
    "column", "constraint", "create", "cross", "end", "else", "except", "false", "fetch", "for",
    "foreign", "from", "full", "grant", "group", "having", "in", "inner", "intersect", "into",
    "is", "join", "lateral", "leading", "left", "minus", "natural", "not", "null", "on",
    "only", "or", "order", "outer", "overlaps", "primary", "references", "right", "select", "semi",
    "session_user", "some", "table", "then", "time", "to", "trailing", "true", "union", "unique",
    "user", "using", "when", "where", "with",
]  # fmt: skip

LITERALS = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)


def _shape(table: Table) -> set[tuple[str, object]]:
    """What the text of a base model depends on, beside names."""
    recorded = [column.recorded for column in table.columns if column.recorded]
    return {
        *(("type", column.data_type) for column in table.columns),
        *(("recorded", (column.recorded, column.data_type)) for column in table.columns if column.recorded),
        ("created", min(recorded.count("created"), 2)),
        ("dated", min(len(recorded), 2)),
        ("key", min(len(table.key), 2)),
        ("newest_by", bool(table.newest_by)),
        ("rollup", bool(table.rollup)),
    }


def representative_bases() -> set[str]:
    """A few base models that show every shape there is: all of them are one macro with other columns."""
    shapes = {
        f"base_{system.name}__{table.name}": _shape(table)
        for system in read_contract(PROJECT).values()
        for table in system.tables.values()
    }
    chosen: set[str] = set()
    missing = set().union(*shapes.values())
    while missing:
        best = max(sorted(shapes), key=lambda name: len(shapes[name] & missing))
        chosen.add(best)
        missing -= shapes[best]
    return chosen


@pytest.fixture(scope="module")
def spark_models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """SQL of every model as compiled for Spark, by name."""
    target = tmp_path_factory.mktemp("spark")
    systems = sorted(read_contract(PROJECT))
    result = subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"), "compile", "--target", "spark", "--no-introspect", "--no-populate-cache", "--quiet",
            "--vars", f"{{systems: [{', '.join(systems)}]}}", "--target-path", str(target), "--log-path", str(target / "logs"),
            "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
        ],
        capture_output=True, text=True, check=False, env={**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
    )  # fmt: skip
    assert result.returncode == 0, f"does not compile for Spark:\n{result.stdout}{result.stderr}"
    folder = target / "compiled" / "postsale" / "models"
    return {
        path.stem: path.read_text() for path in sorted(folder.rglob("*.sql")) if path.parent.suffix != ".yml"
    }


def unparsable(item: tuple[str, str]) -> tuple[str, list[str]]:
    """What the linter's idea of Spark's grammar rejects in one model."""
    name, sql = item
    config = FluffConfig(
        overrides={
            "dialect": "sparksql",
            "templater": "raw",
            "large_file_skip_byte_limit": 0,
            "max_parse_nodes": 0,
        }
    )
    return name, [
        f"{name}: {error.desc()}" for error in Linter(config=config).parse_string(sql, fname=name).violations
    ]


def rejected_by_spark(models: Mapping[str, str]) -> dict[str, list[str]]:
    """What Spark's own parser rejects, by model; the parser alone is started, no Spark."""
    gateway = launch_gateway()  # type: ignore[no-untyped-call]
    try:
        settings = gateway.jvm.org.apache.spark.sql.internal.SQLConf.get()
        settings.setConfString("spark.sql.ansi.enforceReservedKeywords", "true")
        parser = gateway.jvm.org.apache.spark.sql.execution.SparkSqlParser()
        found: dict[str, list[str]] = {}
        for name, sql in models.items():
            try:
                parser.parsePlan(sql)
            except Py4JJavaError as error:
                found[name] = [f"{name}: {error.java_exception.getMessage()}"]
    finally:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait()
    return found


@pytest.fixture(scope="module")
def fingerprint() -> str:
    return f"{sqlfluff.__version__}/{sys.version_info.minor}"


def test_spark_can_read_every_model(
    spark_models: Models, fingerprint: str, pytestconfig: pytest.Config
) -> None:
    """By Spark's own parser where there is Java. Else by the linter's, which takes minutes: what passed is not read again until it changes."""
    bases = representative_bases()
    assert bases <= spark_models.keys()
    if shutil.which("java"):
        broken = rejected_by_spark({**spark_models, "broken on purpose": "select a as from"})
        assert broken.pop("broken on purpose")
        assert not broken, "\n" + "\n".join(problem for problems in broken.values() for problem in problems)
        return
    keys = {
        name: hashlib.sha256(f"{fingerprint}\n{sql}".encode()).hexdigest()
        for name, sql in spark_models.items()
        if not name.startswith("base_") or name in bases
    }
    cache = getattr(pytestconfig, "cache", None)
    known: set[str] = set(cache.get("postsale/readable_to_spark", [])) if cache else set()
    unread = sorted(
        ((name, spark_models[name]) for name, key in keys.items() if key not in known),
        key=lambda item: -len(item[1]),
    )
    with ProcessPoolExecutor(max_workers=min(os.cpu_count() or 1, 4)) as pool:
        found = dict(pool.map(unparsable, unread)) if unread else {}
    if cache:
        cache.set(
            "postsale/readable_to_spark", sorted(key for name, key in keys.items() if not found.get(name))
        )
    problems = [problem for listed in found.values() for problem in listed]
    assert not problems, "\n" + "\n".join(problems)


@pytest.mark.parametrize(("what", "pattern"), DIALECT.items(), ids=list(DIALECT))
def test_models_use_nothing_that_differs_on_spark(spark_models: Models, what: str, pattern: str) -> None:
    broken = []
    for name, sql in spark_models.items():
        text = LITERALS.sub("''", sql)
        for found in re.finditer(pattern, text, re.IGNORECASE):
            broken.append(f"{name}: {what}: …{text[max(0, found.start() - 40) : found.end() + 40]!r}")
    assert not broken, "\n" + "\n".join(broken)


def test_names_are_no_reserved_words(spark_models: Models) -> None:
    """A qualified name or an alias between no backticks."""
    pattern = re.compile(rf"(\.|\bas\s+)({'|'.join(RESERVED)})\b(?!\s*\()", re.IGNORECASE)
    broken = []
    for name, sql in spark_models.items():
        broken += sorted(
            {f"{name}: {found.group()!r}" for found in pattern.finditer(LITERALS.sub("''", sql))}
        )
    assert not broken, "\n" + "\n".join(broken)


def test_sums_of_flags_are_sums_of_numbers(spark_models: Models) -> None:
    """DuckDB adds booleans up, Spark does not: what is summed under an is_ or has_ name is made by ``… else 0 end``."""
    broken = []
    for name, sql in spark_models.items():
        text = LITERALS.sub("''", sql)
        for flag in sorted(
            set(re.findall(r"\bsum\s*\(\s*(?:\w+\.)?((?:is|has)_\w+)\s*\)", text, re.IGNORECASE))
        ):
            if not re.search(rf"\b[01]\s+end\s+as\s+{flag}\b", text):
                broken.append(f"{name}: sum({flag})")
    assert not broken, "\n" + "\n".join(broken)
