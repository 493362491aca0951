"""Where unfinished files are made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from postsale.landing.sql import sql_text

ROW_GROUP_ROWS = 122_880


@dataclass(frozen=True)
class Workspace:
    """A folder for unfinished files, and the DuckDB connection that reads raw Parquet and writes ours."""

    folder: Path
    connection: duckdb.DuckDBPyConnection

    def copy_to(self, query: str, path: Path, group_rows: int = ROW_GROUP_ROWS) -> int:
        """Writes the rows of a query as Parquet; returns their number. Raises what DuckDB raises."""
        options = f"format parquet, compression zstd, row_group_size {group_rows}"
        row = self.connection.execute(f"copy ({query}) to {sql_text(path)} ({options})").fetchone()
        return int(row[0]) if row else 0

    def columns_of(self, path: Path) -> dict[str, str]:
        """Columns of a Parquet file in their order, with their DuckDB types. Raises what DuckDB raises."""
        rows = self.connection.execute(f"describe select * from read_parquet({sql_text(path)})").fetchall()
        return {str(name): str(data_type) for name, data_type, *_ in rows}


@contextmanager
def open_workspace(folder: Path) -> Iterator[Workspace]:
    """An empty workspace, removed in the end. Raises OSError when the folder cannot be made."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        # One thread: the same input then gives the same Parquet bytes, in the order of the file.
        with duckdb.connect(config={"threads": 1, "temp_directory": str(folder / "spill")}) as connection:
            connection.execute("set timezone = 'UTC'")
            yield Workspace(folder, connection)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
