"""Landing: every raw export becomes Parquet once, as text, with nothing lost on the way.

A CSV or JSON file is split into records by the scanner of this module, because DuckDB's reader, asked to
go on after errors, drops the rest of a file behind a quote that is never closed, gives up on mixed line
ends and rewrites JSON numbers. Whole records go, numbered, to a UTF-8 spool file that DuckDB turns into
Parquet; every other line goes to the quarantine with its number, text and reason. The two counts add up
to the records of the file, and DuckDB's count is checked against the scanner's. Everything streams:
memory does not grow with the size of a file.

Rules of reading:

- A record ends at a line end outside quotes. Line ends are \\n, \\r\\n or, when the header ends with one,
  \\r alone. A line without a character is no record. `_record` counts all records of a file, those set
  aside too.
- The quote is ``"``, doubled inside a quoted value. An empty value without quotes is null, ``""`` is the
  empty text. Spaces between a quote and the delimiter are dropped.
- Of ``, ; tab |`` the delimiter is the one under which the header has most columns of the contract.
- A quote that is never closed, or that text follows, makes the line it opened in malformed; reading goes
  on with the next line. While such a quote may still be open, a line with quotes in odd places is set
  aside too.
- A record that is quoted right but has too many or too few fields is set aside whole, over all its lines.
- UTF-8, or UTF-16 and UTF-32 by their byte order mark. A file that is not UTF-8 and has no character
  beyond ASCII that is valid UTF-8 is windows-1252; any other is UTF-8 with a few bad lines, which are set
  aside.
- Header names are trimmed and lower-cased. When two of them are the same then, a contract column is an
  error; other columns get _2, _3 behind their name, and a column without a name is called
  column_<position>.
- A record of more than MAX_RECORD_CHARACTERS, or with a NUL character, is set aside.
- A malformed record of JSON lines or of a JSON array is set aside; an array that breaks off is an error.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

import duckdb

from postsale.contract import META_COLUMNS, ContractError, System, Table, read_contract

MAX_RECORD_CHARACTERS = 4 * 1024 * 1024
MAX_RAW_CHARACTERS = 100_000  # of the text kept of a malformed line

# Part of the fingerprint of a landed file: raised when the rules of reading change, it has all read again.
LANDING_VERSION = 1

_CHUNK_BYTES = 1024 * 1024
_ROW_GROUP_ROWS = 122_880
_ROW_GROUP_BYTES = 256 * 1024 * 1024
_SHOWN_NAMES = 12

_KINDS = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".txt": "delimited",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
}
_DELIMITERS = (",", ";", "\t", "|")
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
    "needed_by": "VARCHAR",
}


class LandingError(Exception):
    """Landing cannot go on; the message says what is wrong where and what to do, ready to be printed."""


class _Unreadable(Exception):
    """One file cannot be read; the message says why, without the file's name."""


@dataclass(frozen=True)
class LandedFile:
    """One file under the raw folder; counts are null when no table of the contract claims it.

    ``columns`` are the landed names in the order of the file, ``file_bytes`` is the size of the raw file.
    """

    system: str
    table_name: str | None
    file: str
    content_hash: str
    file_bytes: int
    drop_date: date | None = None
    record_count: int | None = None
    malformed_count: int | None = None
    delimiter: str | None = None
    encoding: str | None = None
    columns: tuple[str, ...] = ()
    is_unchanged: bool = False


@dataclass(frozen=True)
class LandingReport:
    """What one run of landing did; ``removed`` are the landed files whose raw file or table is gone."""

    files: tuple[LandedFile, ...]
    removed: tuple[str, ...]

    @property
    def record_count(self) -> int:
        return sum(file.record_count or 0 for file in self.files)

    @property
    def malformed_count(self) -> int:
        return sum(file.malformed_count or 0 for file in self.files)

    @property
    def read_count(self) -> int:
        """Number of files that were new or changed, and so were read."""
        return sum(file.table_name is not None and not file.is_unchanged for file in self.files)

    @property
    def unclaimed_files(self) -> tuple[str, ...]:
        return tuple(file.file for file in self.files if file.table_name is None)


def land(
    raw: Path,
    out: Path,
    systems: list[str],
    project: Path,
    echo: Callable[[str], None] = print,
) -> LandingReport:
    """Brings the exports of `systems` in `raw` into ``out/landed`` as Parquet, by the contract of `project`.

    Only new and changed files are read; landed files without a raw file are removed. All files are looked at
    before the first is written: one LandingError names every problem there is, and what was landed stays.
    """
    contract = _contract_of(systems, project)
    landed = out / "landed"
    try:
        with _workspace(landed) as work, _connection(work) as connection:
            return _Landing(raw, landed, work, connection, echo).run(contract)
    except OSError as error:
        raise LandingError(
            f"Landing stopped: {error.filename or landed}: {error.strerror or error}"
        ) from error


def _contract_of(systems: Sequence[str], project: Path) -> list[System]:
    try:
        contract = read_contract(project)
    except ContractError as error:
        raise LandingError(
            f"Landing stopped: the contract of the exports cannot be used.\n  {error}"
        ) from error
    unknown = [system for system in systems if system not in contract]
    if unknown:
        raise LandingError(
            f"Landing stopped: no contract for the system {_listed(unknown)}.\n"
            f"Known systems: {_listed(sorted(contract)) or 'none'}. "
            "Correct the list of systems, or write models/staging/<system>/_<system>__sources.yml."
        )
    return [contract[system] for system in dict.fromkeys(systems)]


@contextmanager
def _workspace(landed: Path) -> Iterator[Path]:
    """A folder for unfinished files, beside the finished ones so that moving a file is one step."""
    work = landed / "_landing" / "tmp"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _connection(work: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    # One thread: the same input then gives the same Parquet bytes, in the order of the file.
    connection = duckdb.connect(config={"threads": 1, "temp_directory": str(work / "spill")})
    try:
        connection.execute("set timezone = 'UTC'")
        yield connection
    finally:
        connection.close()


# ---- The run -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _RawFile:
    """A file found under the raw folder; `table` is null when no contract table claims it."""

    path: Path
    system: str
    file: str
    table: Table | None = None
    drop_date: date | None = None

    @property
    def claimed_by(self) -> Table:
        assert self.table is not None
        return self.table

    @property
    def table_name(self) -> str | None:
        return self.table.name if self.table else None


@dataclass(frozen=True)
class _Layout:
    """How a file is read. `keys` are the names in the file (JSON, Parquet) behind the landed `columns`."""

    columns: tuple[str, ...]
    keys: tuple[str, ...] = ()
    delimiter: str | None = None
    encoding: str | None = None
    newline: str = "\n"


@dataclass(frozen=True)
class _Paths:
    """What is kept of a file: its Parquet, what was learned of it, and its malformed lines if it has any."""

    data: Path
    state: Path
    malformed: Path


@dataclass(frozen=True)
class _Plan:
    """A claimed file with the state of its earlier landing, if it is unchanged, else the way to read it."""

    raw_file: _RawFile
    content_hash: str
    columns: tuple[str, ...]
    state: LandedFile | None
    layout: _Layout | None


class _Landing:
    """One run: finds the files, looks at all of them, then lands what changed."""

    def __init__(
        self,
        raw: Path,
        landed: Path,
        work: Path,
        connection: duckdb.DuckDBPyConnection,
        echo: Callable[[str], None],
    ) -> None:
        self._raw = raw
        self._landed = landed
        self._work = work
        self._connection = connection
        self._echo = echo

    def run(self, contract: Sequence[System]) -> LandingReport:
        problems: list[str] = []
        unclaimed: list[LandedFile] = []
        plans: list[_Plan] = []
        for system in contract:
            for raw_file in _find_files(self._raw, system, problems):
                if raw_file.table is None:
                    unclaimed.append(_unclaimed(raw_file))
                elif plan := self._plan(raw_file, problems):
                    plans.append(plan)
        if problems:
            raise LandingError(_problem_text(problems))
        files = [*self._land_tables(contract, plans), *unclaimed]
        files.sort(key=lambda file: (file.system, file.file))
        removed = self._remove_stale(contract, files)
        self._write_landing_tables(contract, files)
        for system in contract:
            self._echo_system(system, files)
        self._echo_other_folders(contract)
        return LandingReport(tuple(files), removed)

    def _plan(self, raw_file: _RawFile, problems: list[str]) -> _Plan | None:
        """Looks at one file; what is wrong with it is added to `problems`."""
        content_hash = _content_hash(raw_file.path)
        state = self._state_of(raw_file, content_hash)
        layout = None
        try:
            if state is None:
                layout = _inspect(raw_file, self._connection)
            columns = state.columns if state else layout.columns if layout else ()
        except (_Unreadable, EOFError, zlib.error, gzip.BadGzipFile, duckdb.Error) as error:
            problems.append(f"{raw_file.file}: {_first_line(error)}")
            return None
        problems.extend(_missing_columns(raw_file, columns))
        return _Plan(raw_file, content_hash, columns, state, layout)

    def _land_tables(self, contract: Sequence[System], plans: Sequence[_Plan]) -> Iterator[LandedFile]:
        for system in contract:
            for table in system.tables.values():
                self._write_contract(table)
                files = [self._land_file(plan) for plan in plans if plan.raw_file.table == table]
                if files:
                    self._echo(_table_line(table, files))
                yield from files

    def _land_file(self, plan: _Plan) -> LandedFile:
        if plan.state is not None:
            return plan.state
        raw_file, layout = plan.raw_file, cast(_Layout, plan.layout)
        try:
            if layout.keys and _kind_of(raw_file.path) == "parquet":
                counts = _copy_parquet(self._connection, raw_file, layout, self._work)
            else:
                counts = _spool(_records_of(raw_file.path, layout), self._work)
                _copy_spool(self._connection, raw_file, layout, counts, self._work)
        except (_Unreadable, EOFError, zlib.error, gzip.BadGzipFile, duckdb.Error) as error:
            raise LandingError(_problem_text([f"{raw_file.file}: {_first_line(error)}"])) from error
        return self._keep(plan, layout, counts)

    def _keep(self, plan: _Plan, layout: _Layout, counts: _Counts) -> LandedFile:
        """Moves finished files into place. The state goes first and comes last: it vouches for just these."""
        raw_file = plan.raw_file
        landed_file = LandedFile(
            system=raw_file.system,
            table_name=raw_file.claimed_by.name,
            file=raw_file.file,
            content_hash=plan.content_hash,
            file_bytes=raw_file.path.stat().st_size,
            drop_date=raw_file.drop_date,
            record_count=counts.record_count,
            malformed_count=counts.malformed_count,
            delimiter=layout.delimiter,
            encoding=layout.encoding,
            columns=layout.columns,
        )
        paths = self._paths(landed_file)
        paths.data.parent.mkdir(parents=True, exist_ok=True)
        paths.state.parent.mkdir(parents=True, exist_ok=True)
        paths.state.unlink(missing_ok=True)
        os.replace(self._work / "data.parquet", paths.data)
        paths.malformed.unlink(missing_ok=True)
        if counts.malformed_count:
            os.replace(self._work / "malformed.parquet", paths.malformed)
        kept = {
            **asdict(landed_file),
            "drop_date": None,
            "fingerprint": _fingerprint(raw_file),
            "landed_bytes": paths.data.stat().st_size,
        }
        temporary = self._work / "state.json"
        temporary.write_text(json.dumps(kept, sort_keys=True), encoding="utf-8")
        os.replace(temporary, paths.state)
        return landed_file

    def _state_of(self, raw_file: _RawFile, content_hash: str) -> LandedFile | None:
        """What an earlier run kept of this file, if file, contract and landed Parquet are still the same."""
        paths = self._paths(raw_file)
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

    def _paths(self, file: _RawFile | LandedFile) -> _Paths:
        """Where a claimed file lands. The name keeps folder and ending: no two files of a table share it."""
        place = Path(file.system, str(file.table_name))
        name = file.file.split("/", 1)[1].replace("/", "__")
        state = self._landed / "_landing" / "state" / place
        return _Paths(
            data=self._landed / place / f"{name}.parquet",
            state=state / f"{name}.json",
            malformed=state / f"{name}.malformed.parquet",
        )

    def _write_contract(self, table: Table) -> None:
        names = [f"cast(null as varchar) as {_name(column)}" for column in table.column_names]
        query = f"select {', '.join([*names, _meta_sql('null', 'null', None)])} where false"
        self._write_parquet(query, self._landed / table.system / table.name / "_contract.parquet")

    def _remove_stale(self, contract: Sequence[System], files: Sequence[LandedFile]) -> tuple[str, ...]:
        """Removes landed files whose raw file or table is gone."""
        kept: set[Path] = set()
        for system in contract:
            kept.update(self._landed / system.name / table / "_contract.parquet" for table in system.tables)
        for file in files:
            if file.table_name is not None:
                paths = self._paths(file)
                kept |= {paths.data, paths.state, *([paths.malformed] if file.malformed_count else [])}
        removed: list[str] = []
        for system in contract:
            folders = (self._landed / system.name, self._landed / "_landing" / "state" / system.name)
            for path in sorted(path for folder in folders for path in folder.rglob("*")):
                if path.suffix in {".parquet", ".json"} and path not in kept:
                    path.unlink()
                    if folders[0] in path.parents:
                        removed.append(path.relative_to(self._landed).as_posix())
        return tuple(removed)

    def _write_landing_tables(self, contract: Sequence[System], files: Sequence[LandedFile]) -> None:
        folder = self._landed / "_landing"
        file_rows = [{name: getattr(file, name) for name in _FILES_SCHEMA} for file in files]
        self._write_parquet(
            self._rows_sql(file_rows, _FILES_SCHEMA, "system, file"), folder / "files.parquet"
        )
        column_rows = [
            row
            for system in contract
            for table in system.tables.values()
            for row in _column_rows(table, files)
        ]
        query = self._rows_sql(column_rows, _COLUMNS_SCHEMA, "system, table_name, column_name")
        self._write_parquet(query, folder / "columns.parquet")
        parts = [self._paths(file).malformed for file in files if file.malformed_count]
        query = self._rows_sql([], _MALFORMED_SCHEMA, "system")
        if parts:
            paths = ", ".join(map(_text, parts))
            query = f"select * from read_parquet([{paths}]) order by system, file, line_number"
        self._write_parquet(query, folder / "malformed.parquet")

    def _rows_sql(self, rows: Sequence[Mapping[str, object]], schema: Mapping[str, str], order: str) -> str:
        """A query over `rows`, which go through a file as lines of JSON."""
        path = self._work / "rows.json"
        path.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
        return f"select * from {_json_lines_sql(path, schema)} order by {order}"

    def _write_parquet(self, query: str, path: Path) -> None:
        temporary = self._work / "table.parquet"
        _copy_to(self._connection, query, temporary)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(temporary, path)

    def _echo_system(self, system: System, files: Sequence[LandedFile]) -> None:
        mine = [file for file in files if file.system == system.name]
        absent = [name for name in system.tables if name not in {file.table_name for file in mine}]
        unclaimed = [file.file for file in mine if file.table_name is None]
        if absent:
            self._echo(f"{system.name}: no export of {_listed(absent)}")
        if unclaimed:
            self._echo(f"{system.name}: no table claims {_listed(unclaimed)}")

    def _echo_other_folders(self, contract: Sequence[System]) -> None:
        folders = [path.name for path in sorted(self._raw.glob("*")) if path.is_dir() and path.name[0] != "."]
        others = [name for name in folders if name not in {system.name for system in contract}]
        if others:
            self._echo(f"not read, no system in use: {_listed(others)}")


def _column_rows(table: Table, files: Sequence[LandedFile]) -> Iterator[dict[str, object]]:
    exports = [file for file in files if (file.system, file.table_name) == (table.system, table.name)]
    present = {column for file in exports for column in file.columns}
    for column in table.columns:
        yield {
            "system": table.system,
            "table_name": table.name,
            "column_name": column.name,
            "is_required": column.is_required,
            "is_export_present": bool(exports),
            "is_column_present": column.name in present,
            "needed_by": column.needed_by,
        }


def _table_line(table: Table, files: Sequence[LandedFile]) -> str:
    records = sum(file.record_count or 0 for file in files)
    malformed = sum(file.malformed_count or 0 for file in files)
    read = sum(not file.is_unchanged for file in files)
    source = f"{len(files)} file{'s' if len(files) > 1 else ''}"
    how = "unchanged" if not read else "" if read == len(files) else f"{read} read, the rest unchanged"
    return f"{table.system}.{table.name}: {records:,} rows, {malformed:,} malformed, {source}" + (
        f" ({how})" if how else ""
    )


def _problem_text(problems: Sequence[str]) -> str:
    return "\n".join(
        [
            f"Landing stopped: {len(problems)} problem{'s' if len(problems) > 1 else ''} in the raw files.",
            *(f"  - {problem}" for problem in problems),
            "What to do: export the file again with the columns named, or correct its header line.",
            "To go on without an export, move its file out of the raw folder.",
        ]
    )


def _missing_columns(raw_file: _RawFile, columns: Sequence[str]) -> Iterator[str]:
    """A problem for each required column that a file lacks; a file without any column is an empty export."""
    table = raw_file.claimed_by
    if not columns:
        return
    missing = [column for column in table.required_columns if column.name not in columns]
    for column in missing:
        need = f", needed by {column.needed_by}" if column.needed_by else ""
        yield f"{table.system}.{table.name}, {raw_file.file}: required column {column.name} is missing{need}"
    if missing:
        yield f"{table.system}.{table.name}, {raw_file.file}: the columns found are {_listed(columns)}"
    elif table.columns and not set(columns) & set(table.column_names):
        yield (
            f"{table.system}.{table.name}, {raw_file.file}: no column of the contract is in it; "
            f"is its header line missing? The columns found are {_listed(columns)}"
        )


# ---- Finding files -----------------------------------------------------------------------------------------


def _find_files(raw: Path, system: System, problems: list[str]) -> Iterator[_RawFile]:
    """All files of a system but hidden ones, in the order of their paths, with the table that claims each."""
    top = raw / system.name
    for path in _paths_under(top):
        parts = [
            os.fsencode(part).decode("utf-8", "backslashreplace") for part in path.relative_to(top).parts
        ]
        raw_file = _RawFile(path, system.name, "/".join([system.name, *parts]))
        if _kind_of(path) is None or len(parts) > 2:
            yield raw_file
        elif len(parts) == 1:
            yield replace(raw_file, table=system.table_of(_stem_of(path)))
        elif (table := system.table_of(parts[0])) is None:
            yield raw_file
        elif (drop_date := _drop_date(_stem_of(path))) is None:
            # Undated, an old drop could win over a newer one; left out, its rows would be lost unseen.
            problems.append(f"{raw_file.file}: a drop is named by its day, such as {parts[0]}/2026-10-31.csv")
        else:
            yield replace(raw_file, table=table, drop_date=drop_date)


def _paths_under(top: Path) -> list[Path]:
    """All files below a folder but hidden ones, through links; none when there is no such folder."""

    def stop(error: OSError) -> None:
        raise error

    found: list[Path] = []
    for folder, folders, names in os.walk(top, followlinks=True, onerror=stop if top.is_dir() else None):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name) for name in names if not name.startswith(".")]
    # A link to nothing is kept: opening it tells the user, leaving it out would not.
    return sorted(path for path in found if path.is_file() or path.is_symlink())


def _unclaimed(raw_file: _RawFile) -> LandedFile:
    content_hash = _content_hash(raw_file.path)
    return LandedFile(raw_file.system, None, raw_file.file, content_hash, raw_file.path.stat().st_size)


def _plain_path(path: Path) -> Path:
    """The path without the ending of gzip."""
    return path.with_suffix("") if path.suffix.lower() == ".gz" else path


def _kind_of(path: Path) -> str | None:
    kind = _KINDS.get(_plain_path(path).suffix.lower())
    return None if kind == "parquet" and path.suffix.lower() == ".gz" else kind


def _stem_of(path: Path) -> str:
    return _plain_path(path).stem.lower()


def _drop_date(stem: str) -> date | None:
    try:
        return date.fromisoformat(stem) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", stem) else None
    except ValueError:
        return None


def _content_hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fingerprint(raw_file: _RawFile) -> str:
    """Changes with whatever but its content decides how a file is read and where it lands."""
    table = raw_file.claimed_by
    parts = [LANDING_VERSION, raw_file.file, table.name, sorted(table.column_names)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


# ---- Looking at a file -------------------------------------------------------------------------------------


def _inspect(raw_file: _RawFile, connection: duckdb.DuckDBPyConnection) -> _Layout:
    """Encoding, delimiter and columns of a file. Raises _Unreadable, or what DuckDB and gzip raise."""
    path, table = raw_file.path, raw_file.claimed_by
    kind = _kind_of(path)
    if not path.stat().st_size:
        return _Layout(())  # an empty export
    if kind == "parquet":
        rows = connection.execute(f"describe select * from read_parquet({_text(path)})").fetchall()
        keys = tuple(str(row[0]) for row in rows)
        return _Layout(_landed_names([_normal(key) for key in keys], table), keys)
    encoding = _detect_encoding(path)
    if kind == "json":
        found = dict.fromkeys(
            key for _, _, record, _ in _json_items(path, encoding) if record for key in record
        )
        return _Layout(_landed_names(list(found), table), tuple(found), None, encoding)
    newline = _detect_newline(path, encoding)
    with _open_text(path, encoding, newline) as stream:
        # A header of one column fits every delimiter: the first one is then taken, by the ending of the file.
        delimiters = ("\t", *_DELIMITERS) if _plain_path(path).suffix.lower() == ".tsv" else _DELIMITERS
        delimiter, names = _read_header(_Lines(stream, newline), table, delimiters)
    return _Layout(_landed_names(names, table), (), delimiter, encoding, newline)


def _read_header(lines: _Lines, table: Table, delimiters: Sequence[str]) -> tuple[str | None, list[str]]:
    """The delimiter under which the header has most contract columns, then most columns; and these."""
    if (first := lines.take_text()) is None:
        return None, []
    best: tuple[int, int] = (-1, -1)
    result: tuple[str, list[str]] | None = None
    for delimiter in delimiters:
        header = _assemble(lines, first, delimiter)
        lines.give_back(header.lines[1:])
        if header.fault:
            continue
        names = [_normal(_unquoted(field)) for field in header.fields]
        score = (len(set(names) & set(table.column_names)), len(names))
        if score > best:
            best, result = score, (delimiter, names)
    if result is None or _text_fault(first[1], "text"):
        raise _Unreadable(
            f"line {first[0]}: the header cannot be read; is it text, with column names in its first line?"
        )
    return result


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if field.startswith('"') else field


def _normal(name: str) -> str:
    # Some tools write names with a second pair of quotes, which are no part of the name.
    return name.strip(' \t\r\n\xa0\ufeff"').lower()


def _landed_names(names: Sequence[str], table: Table) -> tuple[str, ...]:
    """Unique column names. Raises _Unreadable when two columns claim one of the contract: which is meant?"""
    repeated = sorted({name for name in names if names.count(name) > 1} & set(table.column_names))
    if repeated:
        raise _Unreadable(
            f"more than one column is called {_listed(repeated)} (names are compared trimmed, in lower case)"
        )
    taken = {*names, *META_COLUMNS}
    result: list[str] = []
    for position, name in enumerate(names, start=1):
        unique = name
        if not name or name in META_COLUMNS or name in result:
            base = name or f"column_{position}"
            candidates = (base if number == 1 else f"{base}_{number}" for number in range(1, len(taken) + 2))
            unique = next(candidate for candidate in candidates if candidate not in taken)
        taken.add(unique)
        result.append(unique)
    return tuple(result)


# ---- Text files --------------------------------------------------------------------------------------------

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CODECS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}

# A byte that is no text is marked as a lone surrogate, which no text has; its line can then be found.
_BAD_TEXT = re.compile("[\0\ud800-\udfff]")
_TRUE_NON_ASCII = re.compile("[^\0-\x7f\udc00-\udcff]")
_MARK_ERRORS = "postsale_mark"


def _mark_bad_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_MARK_ERRORS, _mark_bad_bytes)


def _open_bytes(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix.lower() == ".gz" else path.open("rb")


@contextmanager
def _open_text(path: Path, encoding: str, newline: str) -> Iterator[TextIO]:
    with _open_bytes(path) as binary:
        codec = _CODECS.get(encoding, encoding)
        with io.TextIOWrapper(binary, encoding=codec, errors=_MARK_ERRORS, newline=newline) as stream:
            yield stream


def _detect_encoding(path: Path) -> str:
    with _open_bytes(path) as stream:
        chunk = stream.read(_CHUNK_BYTES)
        for mark, encoding in _BYTE_ORDER_MARKS:
            if chunk.startswith(mark):
                return encoding
        if re.match(rb"[^\0]\0[^\0]\0", chunk):
            return "utf-16-le"
        if re.match(rb"\0[^\0]\0[^\0]", chunk):
            return "utf-16-be"
        return _utf_8_or_windows(chunk, stream)


def _utf_8_or_windows(chunk: bytes, stream: BinaryIO) -> str:
    """One valid character beyond ASCII makes a file UTF-8: bad bytes are then a fault of their lines."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors=_MARK_ERRORS)
    has_bad_bytes = False
    while True:
        text = decoder.decode(chunk, final=not chunk)
        if not text.isascii():
            if _TRUE_NON_ASCII.search(text):
                return "utf-8"
            has_bad_bytes = True
        if not chunk:
            return "windows-1252" if has_bad_bytes else "utf-8"
        chunk = stream.read(_CHUNK_BYTES)


def _detect_newline(path: Path, encoding: str) -> str:
    """Carriage return alone ends lines only where the header ends with one."""
    with _open_text(path, encoding, "") as stream:
        head = stream.read(_CHUNK_BYTES)
    end = re.match(r'(?:[^"\r\n]|"[^"]*+")*+(\r*\n|\r)', head.lstrip("\r\n") or head)
    return "\r" if end and end[1] == "\r" else "\n"


def _text_fault(text: str, encoding: str) -> str:
    """Why `text` cannot be landed, or nothing."""
    bad = _BAD_TEXT.search(text)
    if bad is None:
        return ""
    return "a NUL character" if bad[0] == "\0" else f"bytes that are no {encoding}"


class _Lines:
    """The lines of a file, with their numbers and line ends; lines given back are taken again."""

    def __init__(self, stream: TextIO, newline: str) -> None:
        self._stream = stream
        self._newline = newline
        self._number = 0
        self._given_back: deque[tuple[int, str]] = deque()

    def take(self) -> tuple[int, str] | None:
        """The next line; of one that is too long only the start, a character more than a record can have."""
        if self._given_back:
            return self._given_back.popleft()
        limit = MAX_RECORD_CHARACTERS + 1
        line = self._stream.readline(limit)
        if not line:
            return None
        self._number += 1
        rest = line
        while len(rest) == limit and not rest.endswith(self._newline):
            rest = self._stream.readline(limit)
        return self._number, line

    def take_text(self) -> tuple[int, str] | None:
        """The next line that has a character."""
        while (line := self.take()) is not None and not line[1].strip("\r\n"):
            pass
        return line

    def give_back(self, lines: Sequence[tuple[int, str]]) -> None:
        self._given_back.extendleft(reversed(lines))


# ---- Records of delimited files ----------------------------------------------------------------------------

# A scanned record: line number, text (a good one as CSV, a malformed one as in the file), fault or nothing.
_Scanned = tuple[int, str, str]

_TOO_LONG = f"longer than {MAX_RECORD_CHARACTERS} characters"
_NEVER_CLOSED = "a quote is opened and never closed"
_TEXT_BEHIND_QUOTE = "text behind a closing quote"
_STRAY_LINE_END = "a carriage return outside quotes"
_STRAY_QUOTE = "a quote in an odd place, below a line with a broken quote"
_BROKEN_QUOTE = (_NEVER_CLOSED, _TEXT_BEHIND_QUOTE)

_OPENING = re.compile(' *+"')
_INSIDE = re.compile('(?:[^"]++|"")*+')
_SPACES = re.compile(" *+")


@lru_cache(maxsize=64)
def _record_pattern(delimiter: str, width: int) -> re.Pattern[str]:
    """One whole record of `width` fields on one line, without spaces around quotes."""
    field = f'(?:"(?:[^"]++|"")*+"|(?! *")[^{re.escape(delimiter)}\r\n]*+)'
    return re.compile(f"{field}(?:{re.escape(delimiter)}{field}){{{width - 1}}}")


@lru_cache(maxsize=8)
def _bare_field(delimiter: str) -> re.Pattern[str]:
    return re.compile(f"[^{re.escape(delimiter)}\r\n]*+")


class _RecordParser:
    """Takes the lines of one record and splits it into fields; quoted fields keep their quotes."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._bare = _bare_field(delimiter)
        self._open: list[str] = []
        self.fields: list[str] = []
        self.has_stray_quote = False

    @property
    def is_open(self) -> bool:
        """The last line ended inside quotes."""
        return bool(self._open)

    def feed(self, line: str) -> str:
        """Takes one line, returns its fault or nothing."""
        position = 0
        while True:
            position = self._take_field(line, position)
            if self.is_open:
                return ""
            if not line.startswith(self._delimiter, position):
                break
            position += 1
        if not line[position:].strip("\r\n"):
            return ""
        return _STRAY_LINE_END if line[position] in "\r\n" else _TEXT_BEHIND_QUOTE

    def _take_field(self, line: str, position: int) -> int:
        if not self.is_open:
            opening = _OPENING.match(line, position)
            if opening is None:
                end = _end(self._bare, line, position)
                self.fields.append(line[position:end])
                self.has_stray_quote |= '"' in self.fields[-1]
                return end
            self._open = ['"']
            position = opening.end()
        end = _end(_INSIDE, line, position)
        self._open.append(line[position:end])
        if end == len(line):
            return end
        self.fields.append("".join(self._open) + '"')
        self._open = []
        return _end(_SPACES, line, end + 1)


def _end(pattern: re.Pattern[str], line: str, position: int) -> int:
    """Where a pattern that also matches nothing ends."""
    match = pattern.match(line, position)
    return match.end() if match else position


@dataclass(frozen=True)
class _Assembled:
    lines: list[tuple[int, str]]
    fields: list[str]
    fault: str
    has_stray_quote: bool


def _assemble(lines: _Lines, first: tuple[int, str], delimiter: str) -> _Assembled:
    """Reads one record on from its `first` line, up to where it ends or proves to be broken."""
    parser = _RecordParser(delimiter)
    taken = [first]
    size = len(first[1])
    fault = parser.feed(first[1])
    while parser.is_open:
        line = lines.take()
        if line is not None:
            taken.append(line)
            size += len(line[1])
        if line is None or size > MAX_RECORD_CHARACTERS:
            fault = _NEVER_CLOSED
            break
        fault = parser.feed(line[1])
    return _Assembled(taken, parser.fields, fault, parser.has_stray_quote)


def _delimited_records(lines: _Lines, delimiter: str, width: int, encoding: str) -> Iterator[_Scanned]:
    """The records below the header, `width` fields each."""
    is_record = _record_pattern(delimiter, width).fullmatch
    may_be_inside_quotes = False
    while (line := lines.take_text()) is not None:
        number, raw = line
        text = raw.rstrip("\r\n")
        if len(text) > MAX_RECORD_CHARACTERS:
            yield number, text, _TOO_LONG
        elif (
            text.isascii() and '"' not in text and "\r" not in text and "\n" not in text and "\0" not in text
        ):
            # Nearly every line of nearly every file.
            found = text.count(delimiter) + 1
            yield number, text, "" if found == width else _width_fault(found, width)
        elif not may_be_inside_quotes and is_record(text) and not _BAD_TEXT.search(text):
            yield number, text, ""
        else:
            record = _assemble(lines, line, delimiter)
            has_odd_quotes = raw.count('"') % 2 == 1
            fault = record.fault
            if fault in _BROKEN_QUOTE:
                lines.give_back(record.lines[1:])
                may_be_inside_quotes |= has_odd_quotes
                yield number, text, fault
                continue
            if may_be_inside_quotes and record.has_stray_quote:
                fault = _STRAY_QUOTE
                may_be_inside_quotes = not has_odd_quotes
            whole = "".join(part for _, part in record.lines).rstrip("\r\n")
            if not fault and len(record.fields) != width:
                fault = _width_fault(len(record.fields), width)
            fault = fault or _text_fault(whole, encoding)
            yield number, whole if fault else delimiter.join(record.fields), fault


def _width_fault(found: int, width: int) -> str:
    return f"{found} fields, the header has {width}"


# ---- Records of JSON files ---------------------------------------------------------------------------------

# An item: line number, text, its values by normal key or null, fault or nothing.
_Item = tuple[int, str, dict[str, Any] | None, str]


class _Number(str):
    """A number as it is written: 1.10 stays 1.10."""


class _RepeatedKey(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise _RepeatedKey
    return result


_OBJECTS = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_Number, parse_int=_Number, parse_constant=_Number
)
_BOUNDARIES = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_BLANKS = re.compile(r"[ \t\r\n]*+")


def _json_items(path: Path, encoding: str) -> Iterator[_Item]:
    """The records of an array of objects, or of one object a line. Raises _Unreadable when it is neither."""
    first = ""
    with _open_text(path, encoding, "\n") as stream:
        while not first and (chunk := stream.read(_CHUNK_BYTES)):
            first = chunk.lstrip(" \t\r\n")[:2]
    if first.rstrip("\r\n") == "{":
        raise _Unreadable("it is neither an array of objects nor one object a line")
    with _open_text(path, encoding, "\n") as stream:
        lines = _array_items(_ArrayText(stream)) if first.startswith("[") else _line_items(stream)
        for number, text in lines:
            record, fault = (
                (None, _TOO_LONG) if len(text) > MAX_RECORD_CHARACTERS else _parse_object(text, encoding)
            )
            yield number, text, record, fault


def _line_items(stream: TextIO) -> Iterator[tuple[int, str]]:
    lines = _Lines(stream, "\n")
    while (line := lines.take()) is not None:
        if line[1].strip():
            yield line[0], line[1].strip(" \t\r\n")


class _ArrayText:
    """The text of a JSON array, read on as its elements need it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._position = 0
        self._is_at_end = False
        self.line_number = 1

    def peek(self) -> str:
        """The next character that is not blank; nothing at the end."""
        while True:
            end = _end(_BLANKS, self._text, self._position)
            self.line_number += self._text.count("\n", self._position, end)
            self._position = end
            if end < len(self._text):
                return self._text[end]
            if self._is_at_end:
                return ""
            self._read_on()

    def skip(self) -> None:
        self._position += 1

    def take_element(self) -> str:
        while True:
            try:
                _, end = _BOUNDARIES.raw_decode(self._text, self._position)
            except (ValueError, RecursionError) as error:
                if self._is_at_end or len(self._text) - self._position > MAX_RECORD_CHARACTERS:
                    raise _Unreadable(
                        f"line {self.line_number}: the JSON array breaks off or is wrong here"
                    ) from error
            else:
                if end < len(self._text) or self._is_at_end:
                    element = self._text[self._position : end]
                    self._position = end
                    return element
            self._read_on()

    def _read_on(self) -> None:
        chunk = self._stream.read(_CHUNK_BYTES)
        self._text = self._text[self._position :] + chunk
        self._position = 0
        self._is_at_end = not chunk


def _array_items(array: _ArrayText) -> Iterator[tuple[int, str]]:
    array.peek()
    array.skip()
    character = array.peek()
    while character != "]":
        element = array.take_element()
        yield array.line_number, element
        array.line_number += element.count("\n")
        character = array.peek()
        if character == ",":
            array.skip()
            character = "," if array.peek() != "]" else ""
        if character not in {",", "]"}:
            raise _Unreadable(f"line {array.line_number}: the JSON array breaks off or is wrong here")
    array.skip()
    if array.peek():
        raise _Unreadable(f"line {array.line_number}: there is text behind the JSON array")


def _parse_object(text: str, encoding: str) -> tuple[dict[str, Any] | None, str]:
    try:
        value = _OBJECTS.decode(text)
    except _RepeatedKey:
        return None, "an object has a key twice"
    except json.JSONDecodeError as error:
        return None, f"no valid JSON: {error.msg}"
    except RecursionError:
        return None, "no valid JSON: nested too deep"
    if not isinstance(value, dict):
        return None, "no JSON object"
    record = {_normal(key): item for key, item in value.items()}
    if len(record) < len(value):
        return None, "two keys are the same in lower case"
    fault = _text_fault("".join(record), encoding)
    return (None, fault) if fault else (record, "")


def _json_records(path: Path, layout: _Layout) -> Iterator[_Scanned]:
    encoding = cast(str, layout.encoding)
    for number, text, record, fault in _json_items(path, encoding):
        if record is None:
            yield number, text, fault
            continue
        row = ",".join(_csv_value(record.get(key)) for key in layout.keys)
        fault = _text_fault(row, encoding)
        yield number, text if fault else row, fault


def _csv_value(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else _json_text(value)
    return '"' + text.replace('"', '""') + '"'


def _json_text(value: Any) -> str:
    """Compact JSON, with numbers as they are written."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json_text(key)}:{_json_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    return str(value) if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)


# ---- Writing Parquet ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Counts:
    """Records landed and set aside; sizes of the spool file and of its longest record in bytes."""

    record_count: int
    malformed_count: int = 0
    spool_bytes: int = 0
    longest_bytes: int = 0


def _records_of(path: Path, layout: _Layout) -> Iterator[tuple[str, _Scanned]]:
    """Every record of a text file, with the delimiter that its text uses."""
    if layout.encoding is None:
        return
    if _kind_of(path) == "json":
        yield from ((",", scanned) for scanned in _json_records(path, layout))
    elif layout.delimiter is not None:
        with _open_text(path, layout.encoding, layout.newline) as stream:
            lines = _Lines(stream, layout.newline)
            if (header := lines.take_text()) is not None:
                _assemble(lines, header, layout.delimiter)
            for scanned in _delimited_records(lines, layout.delimiter, len(layout.columns), layout.encoding):
                yield layout.delimiter, scanned


def _spool(records: Iterable[tuple[str, _Scanned]], work: Path) -> _Counts:
    """Writes good records, numbered, to ``spool.csv`` and the others to ``malformed.json``."""
    record_count = malformed_count = spool_bytes = longest = 0
    with (
        (work / "spool.csv").open("wb") as spool,
        (work / "malformed.json").open("w", encoding="utf-8") as malformed,
    ):
        for delimiter, (line_number, text, fault) in records:
            if fault:
                malformed_count += 1
                malformed.write(_malformed_line(line_number, text, fault))
                continue
            record_count += 1
            row = f"{record_count + malformed_count}{delimiter}{text}\n".encode()
            spool.write(row)
            spool_bytes += len(row)
            longest = max(longest, len(row))
    return _Counts(record_count, malformed_count, spool_bytes, longest)


def _malformed_line(line_number: int, text: str, fault: str) -> str:
    if len(text) > MAX_RAW_CHARACTERS:
        text, fault = text[:MAX_RAW_CHARACTERS], f"{fault} (text cut after {MAX_RAW_CHARACTERS} characters)"
    shown = _BAD_TEXT.sub(lambda bad: f"\\x{ord(bad[0]) & 0xFF:02x}", text)
    return json.dumps({"line_number": line_number, "reason": fault, "raw_text": shown}) + "\n"


def _copy_spool(
    connection: duckdb.DuckDBPyConnection, raw_file: _RawFile, layout: _Layout, counts: _Counts, work: Path
) -> None:
    """Turns the spool file into ``data.parquet`` and the malformed lines into ``malformed.parquet``."""
    delimiter = layout.delimiter or ","
    names = ["_record", *layout.columns]
    types = ", ".join(f"{_text(f'c{position}')}: 'VARCHAR'" for position in range(len(names)))
    source = (
        f"read_csv({_text(work / 'spool.csv')}, auto_detect = false, header = false, columns = {{{types}}}, "
        f"delim = {_text(delimiter)}, quote = '\"', escape = '\"', new_line = '\\n', "
        "allow_quoted_nulls = false, "
        f"max_line_size = {max(2_000_000, counts.longest_bytes + 1024)})"
    )
    columns = [f"c{position} as {_name(column)}" for position, column in enumerate(layout.columns, start=1)]
    meta = _meta_sql(_text(raw_file.file), "c0", raw_file.drop_date)
    # Rows of text can be long, and a row group is held in memory.
    average_bytes = max(1, counts.spool_bytes // max(1, counts.record_count))
    group_rows = max(2048, min(_ROW_GROUP_ROWS, _ROW_GROUP_BYTES // average_bytes // 2048 * 2048))
    query = f"select {', '.join([*columns, meta])} from {source}"
    written = _copy_to(connection, query, work / "data.parquet", group_rows)
    if written != counts.record_count:
        raise _Unreadable(
            f"{counts.record_count} records were read but {written} were written; none is landed"
        )
    if counts.malformed_count:
        schema = {name: _MALFORMED_SCHEMA[name] for name in ("line_number", "reason", "raw_text")}
        constants = (raw_file.system, raw_file.claimed_by.name, raw_file.file)
        lines = _json_lines_sql(work / "malformed.json", schema)
        query = f"select {', '.join(map(_text, constants))}, * from {lines}"
        names = list(_MALFORMED_SCHEMA)
        _copy_to(
            connection, f"select * from ({query}) as lines({', '.join(names)})", work / "malformed.parquet"
        )


def _copy_parquet(
    connection: duckdb.DuckDBPyConnection, raw_file: _RawFile, layout: _Layout, work: Path
) -> _Counts:
    source = f"read_parquet({_text(raw_file.path)}, file_row_number = true)"
    described = connection.execute(f"describe select * from read_parquet({_text(raw_file.path)})").fetchall()
    columns = [
        f"{_as_text_sql(_name(key), str(row[1]))} as {_name(column)}"
        for key, column, row in zip(layout.keys, layout.columns, described, strict=True)
    ]
    meta = _meta_sql(_text(raw_file.file), "file_row_number + 1", raw_file.drop_date)
    query = f"select {', '.join([*columns, meta])} from {source}"
    return _Counts(_copy_to(connection, query, work / "data.parquet"))


def _as_text_sql(column: str, column_type: str) -> str:
    if column_type == "BLOB":  # text that its writer did not mark as text
        return f"coalesce(try(decode({column})), cast({column} as varchar))"
    if column_type.endswith("]") or column_type.startswith(("STRUCT", "MAP", "UNION")):
        return f"cast(to_json({column}) as varchar)"
    return f"cast({column} as varchar)"


def _meta_sql(file: str, record: str, drop_date: date | None) -> str:
    drop = f"date '{drop_date}'" if drop_date else "cast(null as date)"
    return f"cast({file} as varchar) as _file, cast({record} as bigint) as _record, {drop} as _drop_date"


def _json_lines_sql(path: Path, schema: Mapping[str, str]) -> str:
    types = ", ".join(f"{name}: '{type_name}'" for name, type_name in schema.items())
    return f"read_json({_text(path)}, format = 'newline_delimited', columns = {{{types}}})"


def _copy_to(
    connection: duckdb.DuckDBPyConnection, query: str, path: Path, group_rows: int = _ROW_GROUP_ROWS
) -> int:
    options = f"format parquet, compression zstd, row_group_size {group_rows}"
    row = connection.execute(f"copy ({query}) to {_text(path)} ({options})").fetchone()
    return int(row[0]) if row else 0


def _text(value: object) -> str:
    """A text as SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def _name(value: str) -> str:
    """A column name as SQL."""
    return '"' + value.replace('"', '""') + '"'


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return ", ".join(names[:_SHOWN_NAMES]) + more


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
