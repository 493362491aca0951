"""How a file is read: its encoding, delimiter, columns and records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postsale.contract import META_COLUMNS, Table
from postsale.landing.files import RawFile, ending_of, kind_of
from postsale.landing.json_records import json_keys, json_records
from postsale.landing.records import assemble, delimited_records
from postsale.landing.report import listed
from postsale.landing.text import (
    Lines,
    Scanned,
    UnreadableError,
    column_name,
    detect_encoding,
    detect_newline,
    open_text,
    text_fault,
)
from postsale.landing.workspace import Workspace

_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Layout:
    """How a file is read. `keys` are the names in the file (JSON, Parquet) behind the landed `columns`."""

    columns: tuple[str, ...]
    keys: tuple[str, ...] = ()
    delimiter: str | None = None
    encoding: str | None = None
    newline: str = "\n"

    @property
    def spool_delimiter(self) -> str:
        """The delimiter of the good records of the file, as landing hands them on."""
        return self.delimiter or ","


def inspect(raw_file: RawFile, work: Workspace) -> Layout:
    """Looks at a file without landing it. Raises UnreadableError, or what DuckDB and gzip raise."""
    path, table = raw_file.path, raw_file.table
    kind = kind_of(path)
    if not path.stat().st_size:
        return Layout(())  # an empty export
    if kind == "parquet":
        keys = tuple(work.columns_of(path))
        return Layout(_landed_names([column_name(key, table.column_names) for key in keys], table), keys)
    encoding = detect_encoding(path)
    if kind == "json":
        keys = json_keys(path, encoding)
        return Layout(_landed_names(keys, table), keys, None, encoding)
    newline = detect_newline(path, encoding)
    # A header of one column fits every delimiter: the first one is then taken, by the ending of the file.
    delimiters = ("\t", *_DELIMITERS) if ending_of(path) == ".tsv" else _DELIMITERS
    with open_text(path, encoding, newline) as stream:
        delimiter, names = _read_header(Lines(stream, newline), table, delimiters)
    return Layout(_landed_names(names, table), (), delimiter, encoding, newline)


def text_records(raw_file: RawFile, layout: Layout) -> Iterator[Scanned]:
    """Every record of a text file, the good ones as CSV with the layout's `spool_delimiter`.

    Raises UnreadableError, or what gzip raises.
    """
    if layout.encoding is None:
        return
    if kind_of(raw_file.path) == "json":
        yield from json_records(raw_file.path, layout.keys, layout.encoding)
    elif layout.delimiter is not None:
        with open_text(raw_file.path, layout.encoding, layout.newline) as stream:
            lines = Lines(stream, layout.newline)
            if (header := lines.take_text()) is not None:
                assemble(lines, header, layout.delimiter)
            yield from delimited_records(lines, layout.delimiter, len(layout.columns), layout.encoding)


def _read_header(lines: Lines, table: Table, delimiters: Sequence[str]) -> tuple[str | None, list[str]]:
    """The delimiter under which the header has most contract columns, then most columns; and these."""
    if (first := lines.take_text()) is None:
        return None, []
    best: tuple[int, int] = (-1, -1)
    result: tuple[str, list[str]] | None = None
    for delimiter in delimiters:
        header = assemble(lines, first, delimiter)
        lines.give_back(header.lines[1:])
        if header.fault:
            continue
        names = [column_name(_unquoted(field), table.column_names) for field in header.fields]
        score = (len(set(names) & set(table.column_names)), len(names))
        if score > best:
            best, result = score, (delimiter, names)
    if result is None or text_fault(first[1], "text"):
        raise UnreadableError(
            f"line {first[0]}: the header cannot be read; is it text, with column names in its first line?"
        )
    return result


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if field.startswith('"') else field


def _landed_names(names: Sequence[str], table: Table) -> tuple[str, ...]:
    """Unique column names. Raises UnreadableError when two claim one of the contract: which is meant?"""
    repeated = sorted({name for name in names if names.count(name) > 1} & set(table.column_names))
    if repeated:
        raise UnreadableError(
            f"more than one column is called {listed(repeated)} (names are compared trimmed, in lower case)"
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
