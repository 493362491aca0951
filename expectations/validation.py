"""Runs the suites with Great Expectations, on DuckDB and without any word to the outside."""

from __future__ import annotations

import enum
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

import great_expectations as gx
import sqlalchemy
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.execution_engine import sqlalchemy_execution_engine
from sqlalchemy import event

from expectations.data_docs import build_data_docs
from expectations.results import Result, results_of


class _Dialect(str, enum.Enum):  # noqa: UP042 # compared with the text by ==
    DUCKDB = "duckdb"


def _keep_connections_open() -> None:
    """Results of queries are read after the connection was given back, which DuckDB takes for closed.

    The name is private to Great Expectations, whose version is pinned for it.
    """
    known = sqlalchemy_execution_engine._PERSISTED_CONNECTION_DIALECTS
    if _Dialect.DUCKDB not in known:
        sqlalchemy_execution_engine._PERSISTED_CONNECTION_DIALECTS = (*known, _Dialect.DUCKDB)  # type: ignore[assignment]


@contextmanager
def _connections_closed_at_the_end() -> Iterator[None]:
    """Great Expectations leaves its connections to the garbage collector; the files they read have to be free at once."""
    opened: list[sqlalchemy.Connection] = []

    def note(connection: sqlalchemy.Connection) -> None:
        opened.append(connection)

    event.listen(sqlalchemy.Engine, "engine_connect", note)
    try:
        yield
    finally:
        event.remove(sqlalchemy.Engine, "engine_connect", note)
        for connection in opened:
            connection.close()
            connection.engine.dispose()


def validate(suites: Sequence[gx.ExpectationSuite], url: str, as_of: date, docs: Path) -> list[Result]:
    """Runs each suite on the view it is named after (``kind.view``) and writes Data Docs to ``docs``.

    ``url`` is the database for SQLAlchemy. The run bears the day of the data, not that of the machine.
    """
    _keep_connections_open()
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    with _connections_closed_at_the_end():
        return _validated(suites, url, as_of, docs)


def _validated(suites: Sequence[gx.ExpectationSuite], url: str, as_of: date, docs: Path) -> list[Result]:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    source = context.data_sources.add_sql("warehouse", connection_string=url, create_temp_table=False)
    definitions = []
    for suite in suites:
        asset = source.add_table_asset(suite.name, table_name=suite.name.split(".")[1])
        context.suites.add(suite)
        definitions.append(
            context.validation_definitions.add(
                gx.ValidationDefinition(
                    name=suite.name, data=asset.add_batch_definition_whole_table("all"), suite=suite
                )
            )
        )
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name="audit", validation_definitions=definitions, result_format={"result_format": "COMPLETE"}
        )
    )
    run = checkpoint.run(
        run_id=RunIdentifier(run_name="audit", run_time=datetime.combine(as_of, time(), UTC))
    )
    build_data_docs(context, docs, as_of)
    return [result for one in run.run_results.values() for result in results_of(one)]
