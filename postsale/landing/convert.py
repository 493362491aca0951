"""Turns one raw file into ``data.parquet`` and, if it has malformed lines, ``malformed.parquet``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from postsale.landing.files import RawFile, kind_of
from postsale.landing.layout import Layout, text_records
from postsale.landing.sql import json_lines_sql, meta_sql, sql_name, sql_text
from postsale.landing.text import BAD_TEXT, Scanned, UnreadableError
from postsale.landing.workspace import ROW_GROUP_ROWS, Workspace

MAX_RAW_CHARACTERS = 100_000  # of the text kept of a malformed line

_ROW_GROUP_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Counts:
    """Records landed and set aside; sizes of the spool file and of its longest record in bytes."""

    record_count: int
    malformed_count: int = 0
    spool_bytes: int = 0
    longest_bytes: int = 0


def convert(raw_file: RawFile, layout: Layout, work: Workspace) -> Counts:
    """Reads a whole file into the workspace.

    Raises UnreadableError, also when DuckDB writes another number of records than were read, and what DuckDB
    and gzip raise.
    """
    if layout.keys and kind_of(raw_file.path) == "parquet":
        return Counts(_copy_parquet(raw_file, layout, work))
    counts = _spool(text_records(raw_file, layout), layout.spool_delimiter, work.folder)
    written = _copy_spool(raw_file, layout, counts, work)
    if written != counts.record_count:
        raise UnreadableError(
            f"{counts.record_count} records were read but {written} were written; none is landed"
        )
    if counts.malformed_count:
        _copy_malformed(raw_file, work)
    return counts


def _spool(records: Iterable[Scanned], delimiter: str, folder: Path) -> Counts:
    """Writes good records, numbered, to ``spool.csv`` and the others to ``malformed.json``."""
    record_count = malformed_count = spool_bytes = longest = 0
    with (
        (folder / "spool.csv").open("wb") as spool,
        (folder / "malformed.json").open("w", encoding="utf-8") as malformed,
    ):
        for line_number, text, fault in records:
            if fault:
                malformed_count += 1
                malformed.write(_malformed_line(line_number, text, fault))
                continue
            record_count += 1
            row = f"{record_count + malformed_count}{delimiter}{text}\n".encode()
            spool.write(row)
            spool_bytes += len(row)
            longest = max(longest, len(row))
    return Counts(record_count, malformed_count, spool_bytes, longest)


def _malformed_line(line_number: int, text: str, fault: str) -> str:
    if len(text) > MAX_RAW_CHARACTERS:
        text, fault = text[:MAX_RAW_CHARACTERS], f"{fault} (text cut after {MAX_RAW_CHARACTERS} characters)"
    shown = BAD_TEXT.sub(lambda bad: f"\\x{ord(bad[0]) & 0xFF:02x}", text)
    return json.dumps({"line_number": line_number, "reason": fault, "raw_text": shown}) + "\n"


def _copy_spool(raw_file: RawFile, layout: Layout, counts: Counts, work: Workspace) -> int:
    names = ["_record", *layout.columns]
    types = ", ".join(f"{sql_text(f'c{position}')}: 'VARCHAR'" for position in range(len(names)))
    source = (
        f"read_csv({sql_text(work.folder / 'spool.csv')}, auto_detect = false, header = false, "
        f"columns = {{{types}}}, "
        f"delim = {sql_text(layout.spool_delimiter)}, quote = '\"', escape = '\"', new_line = '\\n', "
        "allow_quoted_nulls = false, "
        f"max_line_size = {max(2_000_000, counts.longest_bytes + 1024)})"
    )
    columns = [f"c{position} as {sql_name(name)}" for position, name in enumerate(layout.columns, start=1)]
    meta = meta_sql(sql_text(raw_file.file), "c0", raw_file.drop_date)
    # Rows of text can be long, and a row group is held in memory.
    average_bytes = max(1, counts.spool_bytes // max(1, counts.record_count))
    group_rows = max(2048, min(ROW_GROUP_ROWS, _ROW_GROUP_BYTES // average_bytes // 2048 * 2048))
    query = f"select {', '.join([*columns, meta])} from {source}"
    return work.copy_to(query, work.folder / "data.parquet", group_rows)


def _copy_malformed(raw_file: RawFile, work: Workspace) -> None:
    schema = {"line_number": "BIGINT", "reason": "VARCHAR", "raw_text": "VARCHAR"}
    constants = {"system": raw_file.table.system, "table_name": raw_file.table.name, "file": raw_file.file}
    columns = ", ".join(f"{sql_text(value)} as {name}" for name, value in constants.items())
    query = f"select {columns}, * from {json_lines_sql(work.folder / 'malformed.json', schema)}"
    work.copy_to(query, work.folder / "malformed.parquet")


def _copy_parquet(raw_file: RawFile, layout: Layout, work: Workspace) -> int:
    types = work.columns_of(raw_file.path)
    columns = [
        f"{_as_text_sql(sql_name(key), types[key])} as {sql_name(column)}"
        for key, column in zip(layout.keys, layout.columns, strict=True)
    ]
    meta = meta_sql(sql_text(raw_file.file), "file_row_number + 1", raw_file.drop_date)
    source = f"read_parquet({sql_text(raw_file.path)}, file_row_number = true)"
    return work.copy_to(f"select {', '.join([*columns, meta])} from {source}", work.folder / "data.parquet")


def _as_text_sql(column: str, column_type: str) -> str:
    if column_type == "BLOB":  # text that its writer did not mark as text
        return f"coalesce(try(decode({column})), cast({column} as varchar))"
    if column_type.endswith("]") or column_type.startswith(("STRUCT", "MAP", "UNION")):
        return f"cast(to_json({column}) as varchar)"
    return f"cast({column} as varchar)"
