"""Pieces of DuckDB's SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path


def sql_text(value: object) -> str:
    """A text as SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def sql_name(value: str) -> str:
    """A column name as SQL."""
    return '"' + value.replace('"', '""') + '"'


def meta_sql(file: str, record: str, drop_date: date | None) -> str:
    """The columns that landing adds; `file` and `record` are SQL."""
    drop = f"date '{drop_date}'" if drop_date else "cast(null as date)"
    return f"cast({file} as varchar) as _file, cast({record} as bigint) as _record, {drop} as _drop_date"


def json_lines_sql(path: Path, schema: Mapping[str, str]) -> str:
    """A file of JSON lines as a table with the columns and types of `schema`."""
    types = ", ".join(f"{name}: '{type_name}'" for name, type_name in schema.items())
    return f"read_json({sql_text(path)}, format = 'newline_delimited', columns = {{{types}}})"
