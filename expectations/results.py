"""What a run of a suite found, in words: counts and ids, never customers' text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult

_SHOWN = 5


@dataclass(frozen=True)
class Result:
    """One expectation: what it is, and what was found where it is not met. ``sql`` is the query of the rows that should not be."""

    suite: str
    name: str
    relation: str
    column: str | None
    severity: str
    is_met: bool
    observed: str | None
    expected: str
    advice: str
    kind: str
    sql: str | None


def results_of(run: ExpectationSuiteValidationResult) -> list[Result]:
    """All results of one suite, in the order of the suite."""
    return [_result(run.suite_name, result) for result in run.results]


def _result(suite: str, result: ExpectationValidationResult) -> Result:
    config = result.expectation_config
    assert config is not None
    meta = config.meta or {}
    return Result(
        suite=suite.split(".")[0],
        name=str(meta["name"]),
        relation=str(meta.get("relation") or suite.split(".")[-1]),
        column=meta.get("column"),
        severity=str(getattr(config.severity, "value", config.severity)),
        is_met=bool(result.success),
        observed=_observed(bool(result.success), result),
        expected=str(config.description),
        advice=str(config.notes),
        kind=config.type,
        sql=config.kwargs.get("unexpected_rows_query"),
    )


def _observed(is_met: bool, result: ExpectationValidationResult) -> str | None:
    if failure := _failure(result.exception_info or {}):
        return f"could not be checked: {failure}"
    found: Mapping[str, Any] = result.result or {}
    value: int = found.get("observed_value", 0)
    details: Mapping[str, Any] = found.get("details") or {}
    if result.expectation_config is not None and result.expectation_config.type.startswith(
        "expect_table_row_count"
    ):
        return f"{value:,} rows"
    if is_met:
        return None
    if "unexpected_rows" in details:
        rows = [str(row["observed"]) for row in details["unexpected_rows"]]
        more = f"; {value - _SHOWN:,} more" if value > _SHOWN else ""
        return "; ".join(rows[:_SHOWN]) + more
    if "mismatched" in details:
        return "missing: " + ", ".join(sorted(details["mismatched"].get("missing", [])))
    return f"{found.get('unexpected_count', 0):,} of {found.get('element_count', 0):,} rows"


def _failure(info: Mapping[str, Any]) -> str | None:
    """The first line of what went wrong while an expectation was computed."""
    raised = [info] if "raised_exception" in info else list(info.values())
    messages = sorted(
        str(one["exception_message"]).splitlines()[0] for one in raised if one.get("raised_exception")
    )
    return messages[0] if messages else None
