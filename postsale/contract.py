"""The contract of the exports: which tables and columns each system's export has.

It is written once, in ``models/staging/<system>/_<system>__sources.yml``, where dbt reads it as sources and
landing reads it as the list of files to look for and columns to insist on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# A rate is a decimal of nine places, any other decimal has six.
DATA_TYPES = frozenset({"text", "integer", "decimal", "rate", "boolean", "date", "timestamp", "json"})
RECORDED = frozenset({"created", "changed"})

# The environment's variable with the salt of keys of personal values. dbt shows a variable of this prefix to no model and
# masks its value in everything it writes.
SALT = "DBT_ENV_SECRET_POSTSALE_SALT"

# Columns that landing adds to every landed file; an export's contract cannot claim them.
META_COLUMNS = ("_file", "_record", "_drop_date")

# CSafeLoader reads a large contract about ten times faster; PyYAML built without libyaml lacks it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContractError(Exception):
    """A contract file cannot be used; the message names the file and what is wrong in it."""


@dataclass(frozen=True)
class Column:
    """One column of an export that the models stage."""

    name: str
    data_type: str
    is_required: bool = False
    needed_by: str | None = None
    recorded: str | None = None
    is_personal: bool = False


@dataclass(frozen=True)
class Table:
    """One export of a system; ``key`` is its grain, ``file_names`` are other file stems it is known under.

    ``rollup`` are the columns by which an export of events is summed up by day, instead of being kept record by record.
    """

    system: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    newest_by: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()
    rollup: tuple[str, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_required)


@dataclass(frozen=True)
class System:
    """One system with its tables by name."""

    name: str
    tables: Mapping[str, Table]

    def table_of(self, stem: str) -> Table | None:
        """The table that claims a file or folder called `stem`, with or without the prefix ``<system>_``."""
        stem = stem.lower()
        return self._claims().get(stem) or self._claims().get(stem.removeprefix(f"{self.name}_"))

    def _claims(self) -> dict[str, Table]:
        return {stem: table for table in self.tables.values() for stem in (table.name, *table.file_names)}


def read_contract(project: Path) -> dict[str, System]:
    """Reads the contract of every system under ``models/staging`` of `project`, by system name.

    Raises ContractError when a file is no YAML, lacks a name or type, or when two tables claim one file name.
    """
    systems: dict[str, System] = {}
    for path in sorted((project / "models" / "staging").glob("*/_*__sources.yml")):
        for source in _sources(path):
            name = _text(source, "name", path)
            if str(source.get("schema", name)).startswith("_"):
                continue  # written by landing itself, not by a system
            if name in systems:
                raise ContractError(f"{path}: source {name} is defined twice")
            systems[name] = _system(name, source, path)
    return systems


def _sources(path: Path) -> list[dict[str, Any]]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"{path}: cannot be read as YAML: {error}") from error
    sources = document.get("sources") if isinstance(document, dict) else None
    return _mappings(sources, "sources", path)


def _system(name: str, source: Mapping[str, Any], path: Path) -> System:
    tables: dict[str, Table] = {}
    claimed_by: dict[str, str] = {}
    for entry in _mappings(source.get("tables"), f"tables of {name}", path):
        table = _table(name, entry, path)
        if table.name in tables:
            raise ContractError(f"{path}: table {name}.{table.name} is defined twice")
        for stem in (table.name, *table.file_names):
            if claimed_by.get(stem, table.name) != table.name:
                raise ContractError(
                    f"{path}: the file name {stem} is claimed by both "
                    f"{name}.{claimed_by[stem]} and {name}.{table.name}"
                )
            claimed_by[stem] = table.name
        tables[table.name] = table
    return System(name, tables)


def _table(system: str, entry: Mapping[str, Any], path: Path) -> Table:
    name = _text(entry, "name", path)
    where = f"{system}.{name}"
    meta = _meta(entry, where, path)
    columns = tuple(
        _column(column, where, path)
        for column in _mappings(entry.get("columns"), f"columns of {where}", path)
    )
    column_names = [column.name for column in columns]
    repeated = sorted({column for column in column_names if column_names.count(column) > 1})
    if repeated:
        raise ContractError(f"{path}: {where} names a column twice: {', '.join(repeated)}")
    table = Table(
        system=system,
        name=name.lower(),
        columns=columns,
        key=_names(meta, "key", where, path),
        newest_by=_names(meta, "newest_by", where, path),
        file_names=_names(meta, "file_names", where, path),
        rollup=_rollup(meta, columns, where, path),
    )
    unknown = sorted({*table.key, *table.newest_by} - set(column_names))
    if unknown:
        raise ContractError(
            f"{path}: {where} has a key or newest_by that is no column of it: {', '.join(unknown)}"
        )
    return table


def _column(entry: Mapping[str, Any], where: str, path: Path) -> Column:
    name = _text(entry, "name", path).lower()
    meta = _meta(entry, f"{where}.{name}", path)
    data_type = _text(entry, "data_type", path, f"{where}.{name}")
    recorded = meta.get("recorded")
    if name in META_COLUMNS:
        raise ContractError(f"{path}: {where}.{name} is a column that landing adds itself")
    if data_type not in DATA_TYPES:
        raise ContractError(
            f"{path}: {where}.{name} has the data type {data_type}; known: {', '.join(sorted(DATA_TYPES))}"
        )
    if recorded is not None and recorded not in RECORDED:
        raise ContractError(
            f"{path}: {where}.{name} has recorded: {recorded}; known: {', '.join(sorted(RECORDED))}"
        )
    return Column(
        name=name,
        data_type=data_type,
        is_required=bool(meta.get("required", False)),
        needed_by=None if meta.get("needed_by") is None else str(meta["needed_by"]),
        recorded=recorded,
        is_personal=bool(meta.get("personal", False)),
    )


def _meta(entry: Mapping[str, Any], where: str, path: Path) -> Mapping[str, Any]:
    config = entry.get("config") or {}
    meta = config.get("meta") or {} if isinstance(config, dict) else None
    if not isinstance(meta, dict):
        raise ContractError(f"{path}: config.meta of {where} is no mapping")
    return meta


def _rollup(meta: Mapping[str, Any], columns: tuple[Column, ...], where: str, path: Path) -> tuple[str, ...]:
    """Columns by which events are summed up; their day must be one column that every event has."""
    rollup = meta.get("rollup")
    if rollup is None:
        return ()
    if not isinstance(rollup, dict) or set(rollup) != {"by", "sum"} or not isinstance(rollup["sum"], dict):
        raise ContractError(
            f"{path}: rollup of {where} is no mapping of by (columns) and sum (column: value of an empty one)"
        )
    by = _names(rollup, "by", f"rollup of {where}", path)
    numbers = {column.name for column in columns if column.data_type in ("integer", "decimal", "rate")}
    if unknown := sorted(
        {*by, *rollup["sum"]} - {column.name for column in columns} | set(rollup["sum"]) - numbers
    ):
        raise ContractError(
            f"{path}: {where} is rolled up by no column, or sums no number: {', '.join(unknown)}"
        )
    days = [column for column in columns if column.recorded == "created"]
    if len(days) != 1 or not days[0].is_required or not meta.get("required_values"):
        raise ContractError(
            f"{path}: {where} is rolled up by day: one required column must be recorded: created, with required_values"
        )
    return by


def _names(meta: Mapping[str, Any], field: str, where: str, path: Path) -> tuple[str, ...]:
    values = meta.get(field) or []
    if not isinstance(values, list):
        raise ContractError(f"{path}: {field} of {where} is no list")
    return tuple(str(value).lower() for value in values)


def _mappings(values: Any, what: str, path: Path) -> list[dict[str, Any]]:
    values = values or []
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise ContractError(f"{path}: {what} is no list of mappings")
    return values


def _text(entry: Mapping[str, Any], field: str, path: Path, where: str | None = None) -> str:
    value = entry.get(field)
    if not isinstance(value, str) or not value.strip():
        raise ContractError(f"{path}: {where or 'an entry'} has no {field}")
    return value.strip()
