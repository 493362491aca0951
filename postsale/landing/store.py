"""The landed folder: data by system and table, and beside it what landing knows about every file.

::

    <system>/<table>/contract.parquet           zero rows, with every column of the contract
    <system>/<table>/<raw file>.parquet         the records of one raw file
    _landing/state/<system>/<table>/…           per raw file: what was learned of it, its malformed lines
    _landing/{files,columns,malformed}.parquet  the same for all files, for the models
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from postsale.contract import System, Table
from postsale.landing.convert import Counts
from postsale.landing.files import RawFile
from postsale.landing.layout import Layout
from postsale.landing.report import LandedFile
from postsale.landing.sql import json_lines_sql, meta_sql, sql_name, sql_text
from postsale.landing.workspace import Workspace

# Part of the fingerprint of a landed file: raised when the rules of reading change, it has all read again.
LANDING_VERSION = 1

LANDING_FOLDER = "_landing"

_FILES_SCHEMA = {
    "system": "VARCHAR",
    "table_name": "VARCHAR",
    "file": "VARCHAR",
    "content_hash": "VARCHAR",
    "file_bytes": "BIGINT",
    "drop_date": "DATE",
    "record_count": "BIGINT",
    "malformed_count": "BIGINT",
    "delimiter": "VARCHAR",
    "encoding": "VARCHAR",
    "missing_columns": "VARCHAR",
}
_MALFORMED_SCHEMA = {
    "system": "VARCHAR",
    "table_name": "VARCHAR",
    "file": "VARCHAR",
    "line_number": "BIGINT",
    "reason": "VARCHAR",
    "raw_text": "VARCHAR",
}
_COLUMNS_SCHEMA = {
    "system": "VARCHAR",
    "table_name": "VARCHAR",
    "column_name": "VARCHAR",
    "is_required": "BOOLEAN",
    "is_export_present": "BOOLEAN",
    "is_column_present": "BOOLEAN",
    "export_since": "DATE",
    "column_since": "DATE",
    "needed_by": "VARCHAR",
}


@dataclass(frozen=True)
class _Paths:
    """What is kept of a file: its Parquet, what was learned of it, and its malformed lines if it has any."""

    data: Path
    state: Path
    malformed: Path


class Store:
    """Reads and writes the landed folder; every file is made in the workspace and moved here in one step."""

    def __init__(self, landed: Path, work: Workspace) -> None:
        self._landed = landed
        self._work = work

    def unchanged(self, raw_file: RawFile, content_hash: str) -> LandedFile | None:
        """The earlier landing of this file, if file, contract and landed Parquet are still the same."""
        paths = self._paths(raw_file.table.name, raw_file.file)
        try:
            kept = json.loads(paths.state.read_text(encoding="utf-8"))
            is_same = (
                kept.pop("fingerprint") == _fingerprint(raw_file)
                and kept.pop("landed_bytes") == paths.data.stat().st_size
                and kept["content_hash"] == content_hash
                and (not kept["malformed_count"] or paths.malformed.exists())
            )
            state = LandedFile(**kept)
        except (OSError, ValueError, KeyError, TypeError):
            return None  # absent, or cut off: the file is read again
        if not is_same:
            return None
        return replace(state, drop_date=raw_file.drop_date, columns=tuple(state.columns), is_unchanged=True)

    def keep(self, raw_file: RawFile, content_hash: str, layout: Layout, counts: Counts) -> LandedFile:
        """Moves finished files into place. The state goes first and comes last: it vouches for just these."""
        landed_file = LandedFile(
            system=raw_file.table.system,
            table_name=raw_file.table.name,
            file=raw_file.file,
            content_hash=content_hash,
            file_bytes=raw_file.path.stat().st_size,
            drop_date=raw_file.drop_date,
            record_count=counts.record_count,
            malformed_count=counts.malformed_count,
            delimiter=layout.delimiter,
            encoding=layout.encoding,
            columns=layout.columns,
        )
        paths = self._paths(raw_file.table.name, raw_file.file)
        paths.data.parent.mkdir(parents=True, exist_ok=True)
        paths.state.parent.mkdir(parents=True, exist_ok=True)
        paths.state.unlink(missing_ok=True)
        os.replace(self._work.folder / "data.parquet", paths.data)
        paths.malformed.unlink(missing_ok=True)
        if counts.malformed_count:
            os.replace(self._work.folder / "malformed.parquet", paths.malformed)
        kept = {
            **asdict(landed_file),
            "drop_date": None,
            "fingerprint": _fingerprint(raw_file),
            "landed_bytes": paths.data.stat().st_size,
        }
        temporary = self._work.folder / "state.json"
        temporary.write_text(json.dumps(kept, sort_keys=True), encoding="utf-8")
        os.replace(temporary, paths.state)
        return landed_file

    def write_contract(self, table: Table) -> None:
        """Gives a table every column of its contract, whether or not there is an export of it."""
        names = [f"cast(null as varchar) as {sql_name(column)}" for column in table.column_names]
        query = f"select {', '.join([*names, meta_sql('null', 'null', None)])} where false"
        self._write(query, self._contract_path(table))

    def remove_stale(self, contract: Sequence[System], files: Sequence[LandedFile]) -> tuple[str, ...]:
        """Removes landed files whose raw file or table is gone; returns their paths in the landed folder."""
        kept = {self._contract_path(table) for system in contract for table in system.tables.values()}
        for file in files:
            if file.table_name is not None:
                paths = self._paths(file.table_name, file.file)
                kept |= {paths.data, paths.state, *([paths.malformed] if file.malformed_count else [])}
        removed: list[str] = []
        for system in contract:
            folders = (self._landed / system.name, self._state_folder / system.name)
            for path in sorted(path for folder in folders for path in folder.rglob("*")):
                if path.suffix in {".parquet", ".json"} and path not in kept:
                    path.unlink()
                    if folders[0] in path.parents:
                        removed.append(path.relative_to(self._landed).as_posix())
        return tuple(removed)

    def write_tables(self, contract: Sequence[System], files: Sequence[LandedFile]) -> None:
        """Writes what the models read about landing itself: files, columns and malformed lines."""
        folder = self._landed / LANDING_FOLDER
        exports: dict[tuple[str, str | None], list[LandedFile]] = {}
        for file in files:
            exports.setdefault((file.system, file.table_name), []).append(file)
        tables: dict[tuple[str, str | None], Table] = {
            (system.name, table.name): table for system in contract for table in system.tables.values()
        }
        file_rows: list[dict[str, object]] = []
        for file in files:
            key = (file.system, file.table_name)
            missing = _missing_columns(file, tables[key], exports[key]) if key in tables else None
            row = {**asdict(file), "missing_columns": missing}
            file_rows.append({name: row[name] for name in _FILES_SCHEMA})
        self._write(self._rows_sql(file_rows, _FILES_SCHEMA, "system, file"), folder / "files.parquet")
        column_rows = [
            row for key, table in tables.items() for row in _column_rows(table, exports.get(key, []))
        ]
        query = self._rows_sql(column_rows, _COLUMNS_SCHEMA, "system, table_name, column_name")
        self._write(query, folder / "columns.parquet")
        parts = [
            sql_text(self._paths(file.table_name, file.file).malformed)
            for file in files
            if file.table_name is not None and file.malformed_count
        ]
        query = self._rows_sql([], _MALFORMED_SCHEMA, "system")
        if parts:
            query = f"select * from read_parquet([{', '.join(parts)}]) order by system, file, line_number"
        self._write(query, folder / "malformed.parquet")

    @property
    def _state_folder(self) -> Path:
        return self._landed / LANDING_FOLDER / "state"

    def _contract_path(self, table: Table) -> Path:
        """No raw file lands under this name: the name of a landed one keeps its raw ending."""
        return self._landed / table.system / table.name / "contract.parquet"

    def _paths(self, table_name: str, file: str) -> _Paths:
        """Where a claimed file lands. The name keeps folder and ending: no two files of a table share it."""
        system, rest = file.split("/", 1)
        name = rest.replace("/", "__")
        state = self._state_folder / system / table_name
        return _Paths(
            data=self._landed / system / table_name / f"{name}.parquet",
            state=state / f"{name}.json",
            malformed=state / f"{name}.malformed.parquet",
        )

    def _rows_sql(self, rows: Sequence[Mapping[str, object]], schema: Mapping[str, str], order: str) -> str:
        """A query over `rows`, which go through a file as lines of JSON."""
        path = self._work.folder / "rows.json"
        path.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
        return f"select * from {json_lines_sql(path, schema)} order by {order}"

    def _write(self, query: str, path: Path) -> None:
        temporary = self._work.folder / "table.parquet"
        self._work.copy_to(query, temporary)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(temporary, path)


def _fingerprint(raw_file: RawFile) -> str:
    """Changes with whatever but its content decides how a file is read and where it lands."""
    table = raw_file.table
    parts = [LANDING_VERSION, raw_file.file, table.name, sorted(table.column_names)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _missing_columns(file: LandedFile, table: Table, exports: Sequence[LandedFile]) -> str | None:
    """Columns of the contract that an earlier file of the same export has and this one lacks; null for none.

    A file without a date comes before all that have one. What later files have is unknown on the day of this one.
    """
    day = file.drop_date or date.min
    earlier = {
        column for other in exports if (other.drop_date or date.min) <= day for column in other.columns
    }
    missing = [name for name in table.column_names if name in earlier and name not in file.columns]
    return ", ".join(missing) if missing and file.columns else None  # a file without any column is empty


def _column_rows(table: Table, exports: Sequence[LandedFile]) -> Iterator[dict[str, object]]:
    for column in table.columns:
        having = [file for file in exports if column.name in file.columns]
        yield {
            "system": table.system,
            "table_name": table.name,
            "column_name": column.name,
            "is_required": column.is_required,
            "is_export_present": bool(exports),
            "is_column_present": bool(having),
            "export_since": _first_drop(exports),
            "column_since": _first_drop(having),
            "needed_by": column.needed_by,
        }


def _first_drop(files: Sequence[LandedFile]) -> date | None:
    """Day from which the files tell anything; null where one has no day, or there is none."""
    days = [file.drop_date for file in files]
    return None if None in days else min((day for day in days if day is not None), default=None)
