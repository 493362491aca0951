"""What was published when: first published values of closed periods, what later changed them, and who is behind it.

The log lives in the published file itself and is carried from version to version; the build knows nothing of it. A value enters it
when its period is final for the first time and stays; whatever a later version says otherwise is a restatement. No metric is
computed here: published values are compared, kept and subtracted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import yaml

_FOLDER = Path(__file__).parent


class HistoryError(Exception):
    """The log of the version before cannot be read; the message says which file and what to do."""


def record(connection: duckdb.DuckDBPyConnection, previous: Path | None, version: str) -> None:
    """Carries the log of published values from ``previous`` into the open candidate and adds what ``version`` changes.

    ``connection`` has the candidate as its main database, schema ``marts`` complete; ``previous`` is the DuckDB file that
    readers have now, None before the first publication. Creates and comments the tables of the log in schema ``marts``. Where
    ``previous`` keeps no log, it begins with ``version``, and fct_publications says so. Raises HistoryError if ``previous``
    cannot be read.
    """
    candidate = _current_database(connection)
    tables: Mapping[str, Mapping[str, object]] = yaml.safe_load((_FOLDER / "tables.yml").read_text("utf-8"))
    for name, table in tables.items():
        _create(connection, name, table)
    has_log = previous is not None and _attach(connection, previous)
    try:
        _add_version(connection, candidate, tables, has_log, version)
    finally:
        connection.execute(f'use "{candidate}"')
        if previous is not None:
            connection.execute("detach previous")
    for (name,) in connection.execute("select table_name from duckdb_tables() where temporary").fetchall():
        connection.execute(f'drop table temp."{name}"')


def _add_version(
    connection: duckdb.DuckDBPyConnection,
    candidate: str,
    tables: Mapping[str, Mapping[str, object]],
    has_log: bool,
    version: str,
) -> None:
    for name in tables:
        if has_log and name != "fct_published_values":
            connection.execute(f"insert into marts.{name} by name from previous.marts.{name}")
    source = "previous.marts" if has_log else "marts"
    connection.execute(f"create temp table kept_values as from {source}.fct_published_values")
    connection.execute(
        "create temp table last_publication as"
        " from marts.fct_publications where not is_look_back order by version desc limit 1"
    )
    connection.execute("set variable version = ?", [version])
    _run(connection, "compare.sql")
    is_traceable = has_log and _is_traceable(connection)
    connection.execute("set variable is_traceable = ?", [is_traceable])
    if is_traceable:
        _trace(connection, candidate)
    if has_log:
        connection.execute(
            f"set variable policy_changes = ({(_FOLDER / 'policy_changes.sql').read_text('utf-8')})"
        )
    _run(connection, "log.sql")


def _is_traceable(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the file of the version before shows what the restated values were made of, and the same policy holds."""
    row = connection.execute(
        "select (select count(*) from restated_parts) + (select count(*) from compared where is_restated) > 0"
        " and not is_policy_changed"
        " and not (select is_look_back from marts.fct_publications order by version desc limit 1) from publication"
    ).fetchone()
    return bool(row and row[0])


def _trace(connection: duckdb.DuckDBPyConnection, candidate: str) -> None:
    """Finds the subjects, products and records behind the restated values; the cost follows what was restated.

    The contributions are a view: it reads the file it is in because that file is in use while it is read.
    """
    sides = (("before", "previous"), ("after", candidate))
    for side, database in sides:
        connection.execute(f'use "{database}"')
        _run(connection, "fingerprints.sql", side)
    connection.execute(
        "create temp table changed_subjects as select subject_type, subject_id from fingerprints_before as earlier"
        " full join fingerprints_after as later using (subject_type, subject_id)"
        " where earlier.fingerprint is distinct from later.fingerprint"
    )
    for side, database in sides:
        connection.execute(f'use "{database}"')
        _run(connection, "contributions.sql", side)
    _run(connection, "causes.sql")
    _run(connection, "records.sql")


def _attach(connection: duckdb.DuckDBPyConnection, previous: Path) -> bool:
    """Attaches the version before; returns whether it keeps a log."""
    try:
        connection.execute(f"attach '{_literal(str(previous))}' as previous (read_only)")
        row = connection.execute(
            "select count(*) from duckdb_tables() where database_name = 'previous' and schema_name = 'marts'"
            " and table_name = 'fct_publications'"
        ).fetchone()
    except duckdb.Error as error:
        raise HistoryError(
            f"The version that readers have, {previous}, cannot be read, and with it the values published so far: {error}\n"
            "Restore that file from a copy. To begin the history of published values anew, move its folder away and publish again."
        ) from error
    return bool(row and row[0])


def _create(connection: duckdb.DuckDBPyConnection, name: str, table: Mapping[str, object]) -> None:
    """An empty, described table of the log."""
    columns = table["columns"]
    assert isinstance(columns, dict)
    spec = ", ".join(f'"{column}" {kind}' for column, (kind, _) in columns.items())
    connection.execute(f"create table marts.{name} ({spec})")
    connection.execute(f"comment on table marts.{name} is '{_literal(str(table['description']).strip())}'")
    for column, (_, description) in columns.items():
        connection.execute(f"comment on column marts.{name}.\"{column}\" is '{_literal(description)}'")


def _run(connection: duckdb.DuckDBPyConnection, file: str, side: str = "") -> None:
    connection.execute((_FOLDER / file).read_text("utf-8").replace("{side}", side))


def _current_database(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("select current_database()").fetchone()
    assert row is not None
    return str(row[0])


def _literal(text: str) -> str:
    return text.replace("'", "''")
