"""Growing integer tables, and their way into CSV and Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from postsale.demo.canaries import MARK
from postsale.demo.clock import NEVER, NONE, Flags, Ints

Frame = dict[str, Ints]

# pyarrow makes these names at run time, where type checkers do not see them.
pc: Any = pyarrow.compute
pacsv: Any = pyarrow.csv
pq: Any = pyarrow.parquet


class Rows:
    """Collects rows of whole numbers, batch by batch."""

    def __init__(self, *names: str) -> None:
        """Start a table with these columns."""
        self.names = names
        self._parts: dict[str, list[Ints]] = {name: [np.zeros(0, dtype=np.int64)] for name in names}

    def add(self, count: int, **columns: Any) -> None:
        """Append ``count`` rows; scalars are repeated. Raises KeyError if a column is missing."""
        for name in self.names:
            value = np.asarray(columns[name]).astype(np.int64)
            self._parts[name].append(np.broadcast_to(value, (count,)))

    def frame(self) -> Frame:
        """All rows so far."""
        return {name: np.concatenate(parts) for name, parts in self._parts.items()}


def take(frame: Frame, rows: Flags | Ints) -> Frame:
    """The chosen rows of a frame."""
    return {name: column[rows] for name, column in frame.items()}


def size(frame: Frame) -> int:
    """Number of rows."""
    return len(next(iter(frame.values())))


def text_ids(prefix: str, numbers: Ints, width: int = 10, suffix: str = "") -> pa.Array:
    """Ids such as ``cus_0000000012``; unknown numbers give null."""
    known = pa.array(numbers, mask=numbers <= NONE)
    digits = pc.utf8_lpad(pc.cast(known, pa.string()), width=width, padding="0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, pa.scalar(suffix), "")


def labels(names: list[str], codes: Ints) -> pa.Array:
    """Names by code; a negative code or an empty name gives null."""
    words = pa.array([name or None for name in names], type=pa.string())
    return words.take(pa.array(codes, mask=codes < 0))


def constant(value: str | None, count: int) -> pa.Array:
    """One text repeated (None = null)."""
    return pa.array([value], type=pa.string()).take(pa.array(np.zeros(count, dtype=np.int64)))


def dates(days: Ints) -> pa.Array:
    """Dates; open ends and unknown days give null."""
    missing = (days >= NEVER) | (days <= NONE)
    return pa.array(np.where(missing, 0, days).astype(np.int32), mask=missing).cast(pa.date32())


def stamps(days: Ints, seconds: Ints | int = 0) -> pa.Array:
    """UTC timestamps, whole seconds; open ends and unknown days give null."""
    missing = (days >= NEVER) | (days <= NONE)
    value = np.where(missing, 0, days) * 86400 + seconds
    return pa.array(value, mask=missing).cast(pa.timestamp("s"))


def booleans(flags: Flags | Ints) -> pa.Array:
    """true / false."""
    return pa.array(np.asarray(flags).astype(bool))


def always(flag: bool, count: int) -> pa.Array:
    """One flag repeated."""
    return pa.array(np.full(count, flag))


def numbers(values: Ints) -> pa.Array:
    """Whole numbers; unknown gives null."""
    return pa.array(values, mask=values <= NONE)


def decimals(values: Ints, places: int) -> pa.Array:
    """Exact decimals from integers scaled by ``10 ** places``."""
    words = np.empty((len(values), 2), dtype="<i8")
    words[:, 0] = values
    words[:, 1] = np.where(values < 0, -1, 0)
    return pa.Array.from_buffers(
        pa.decimal128(18, places), len(values), [None, pa.py_buffer(words.tobytes())]
    )


class CsvFiles:
    """One CSV file per table, written block by block."""

    def __init__(self, folder: Path, truth: ParquetFiles, is_written: bool = True) -> None:
        """Write below ``folder``, and into ``truth`` what is personal; or nothing at all."""
        self._folder = folder
        self._is_written = is_written
        self._truth = truth
        self._writers: dict[str, Any] = {}

    def write(self, table: str, columns: dict[str, pa.Array], personal: tuple[str, ...] = ()) -> None:
        """Append rows to ``<folder>/<table>.csv``; the first call fixes the header.

        Of the columns ``personal`` the values that carry the mark are listed as canaries.
        """
        if not self._is_written:
            return
        for name in personal:
            values = pc.unique(columns[name]).drop_null()
            values = values.filter(pc.match_substring(values, MARK))
            place = (self._folder.name, table, name)
            self._truth.write(
                "canaries",
                {
                    **{
                        key: constant(text, len(values))
                        for key, text in zip(("system", "table_name", "column_name"), place, strict=True)
                    },
                    "value": values,
                },
            )
        # Decimals are written as plain text: the CSV writer has no rendering of its own for them.
        plain = {
            name: column.cast(pa.string()) if pa.types.is_decimal(column.type) else column
            for name, column in columns.items()
        }
        batch = pa.table(plain)
        if table not in self._writers:
            path = self._folder / f"{table}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writers[table] = pacsv.CSVWriter(path, batch.schema)
        self._writers[table].write_table(batch)

    def close(self) -> None:
        """Finish every file."""
        for writer in self._writers.values():
            writer.close()


class ParquetFiles:
    """One Parquet file per ledger table, written block by block."""

    def __init__(self, folder: Path) -> None:
        """Write below ``folder``."""
        self._folder = folder
        self._writers: dict[str, Any] = {}

    def write(self, table: str, columns: dict[str, pa.Array]) -> None:
        """Append rows to ``<folder>/<table>.parquet``."""
        batch = pa.table(columns)
        if table not in self._writers:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._writers[table] = pq.ParquetWriter(
                self._folder / f"{table}.parquet", batch.schema, compression="zstd"
            )
        self._writers[table].write_table(batch)

    def close(self) -> None:
        """Finish every file."""
        for writer in self._writers.values():
            writer.close()
