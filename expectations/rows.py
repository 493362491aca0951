"""How an expectation of this project is written down."""

from __future__ import annotations

from typing import Any, Literal

from great_expectations.expectations import UnexpectedRowsExpectation

Severity = Literal["critical", "warning"]


def words(
    name: str,
    severity: Severity,
    expected: str,
    advice: str,
    column: str | None = None,
    relation: str | None = None,
) -> dict[str, Any]:
    """What every expectation says of itself: its name, what is expected and what to do where it is not met.

    ``relation`` is named where it is not that of the suite.
    """
    return {
        "severity": severity,
        "description": expected,
        "notes": advice,
        "meta": {"name": name, "column": column, "relation": relation},
    }


def no_rows(
    name: str,
    severity: Severity,
    expected: str,
    advice: str,
    query: str,
    column: str | None = None,
    relation: str | None = None,
) -> UnexpectedRowsExpectation:
    """Expects that ``query`` returns no row. Its one column ``observed`` says in words what is wrong; it holds ids and
    figures, never customers' text or personal data. ``{batch}`` is the relation the suite is about.
    """
    return UnexpectedRowsExpectation(
        unexpected_rows_query=" ".join(query.split()) + " order by observed",
        **words(name, severity, expected, advice, column, relation),
    )
