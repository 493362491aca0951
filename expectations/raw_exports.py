"""Expectations on the raw exports: one suite a system, on the figures that ``export_profile`` takes of its exports.

What compares with the drop before is expected only where there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
from great_expectations import ExpectationSuite
from great_expectations.expectations.expectation import Expectation

from expectations.rows import Severity, no_rows
from expectations.thresholds import ExportThresholds, Thresholds


@dataclass(frozen=True)
class _Check:
    """One thing expected of every export that has the measure; the texts and SQL follow from the export's thresholds."""

    name: str
    measure: str
    severity: Severity
    expected: Callable[[ExportThresholds], str]
    wrong: Callable[[ExportThresholds], str]
    observed: str
    advice: str


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


_EXPORT_CHECKS = (
    _Check(
        "rows are there",
        "rows",
        "critical",
        lambda limits: "An export that had rows before has rows now.",
        lambda limits: "value = 0 and value_before > 0",
        "concat('no row; ', cast(value_before as bigint), ' rows before (', detail, ')')",
        "Export it again. If it is meant to be empty, set may_be_empty for it in expectations/thresholds.yml.",
    ),
    _Check(
        "volume has not dropped",
        "rows_of_many",
        "warning",
        lambda limits: f"At most {_percent(limits.max_volume_drop)} fewer rows than before.",
        lambda limits: f"value < {1 - limits.max_volume_drop:g} * value_before",
        "concat(cast(value as bigint), ' rows, ', cast(value_before as bigint), ' before')",
        "See whether the export ran to its end and covers the same period and accounts as before.",
    ),
    _Check(
        "volume has not exploded",
        "rows_of_many",
        "warning",
        lambda limits: f"At most {limits.max_volume_growth:g} times as many rows as before.",
        lambda limits: f"value > {limits.max_volume_growth:g} * value_before",
        "concat(cast(value as bigint), ' rows, ', cast(value_before as bigint), ' before')",
        "See whether the export holds rows twice or covers more accounts than before.",
    ),
    _Check(
        "newest drop is there",
        "drop_lag_days",
        "warning",
        lambda limits: (
            f"The newest drop is at most {limits.max_drop_lag_days} days older than that of the system's other exports."
        ),
        lambda limits: f"value > {limits.max_drop_lag_days}",
        "concat('newest drop of ', detail, ', ', cast(value as bigint), ' days behind')",
        "This export was left out of the newest drop: export it as well.",
    ),
    _Check(
        "dates are possible",
        "dates_out_of_range",
        "warning",
        lambda limits: (
            f"Dates lie between {limits.earliest_date} and {limits.max_years_ahead} years after the day of the warehouse."
        ),
        lambda limits: "value > 0",
        "concat(column_name, ': ', cast(value as bigint), ' out of range')",
        "Correct the dates in the source system; until then they count as written.",
    ),
    _Check(
        "amounts are possible",
        "amounts_out_of_range",
        "warning",
        lambda limits: f"Amounts and rates lie within ±{limits.max_amount:,}.",
        lambda limits: "value > 0",
        "concat(column_name, ': ', cast(value as bigint), ' out of range')",
        "Look for amounts in the wrong unit, or for text that reads as a number.",
    ),
    _Check(
        "counts are not negative",
        "negatives",
        "warning",
        lambda limits: f"Nothing that is counted is below zero ({', '.join(limits.never_negative)}).",
        lambda limits: "value > 0",
        "concat(column_name, ': ', cast(value as bigint), ' below zero')",
        "Correct the quantities in the source system; credits belong into amounts.",
    ),
    _Check(
        "no category is new",
        "new_categories",
        "warning",
        lambda limits: "Columns of categories hold only values seen before.",
        lambda limits: "value > 0",
        "concat(column_name, ': ', cast(value as bigint), ' new (', detail, '), ', cast(value_before as bigint), ' before')",
        "If the values are meant, nothing is to do: they are known from the next publication on. Else correct them in the source; "
        "new reasons for losses belong into seeds/loss_reason_map.csv.",
    ),
    _Check(
        "fields are as filled as before",
        "empty_share",
        "warning",
        lambda limits: (
            f"The share of empty fields of a column rises by at most {100 * limits.max_empty_rise:g} points."
        ),
        lambda limits: f"value - value_before > {limits.max_empty_rise:g}",
        "concat(column_name, ': ', cast(round(100 * value) as integer), ' % empty, before: ', "
        "cast(round(100 * value_before) as integer), ' %')",
        "See whether the column was renamed, dropped or no longer kept up in the source system.",
    ),
    _Check(
        "distributions are as before",
        "drift",
        "warning",
        lambda limits: (
            f"Of the rows, at most {_percent(limits.max_drift)} changed category or magnitude (total-variation distance)."
        ),
        lambda limits: f"value > {limits.max_drift:g}",
        "concat(column_name, ': ', cast(round(100 * value) as integer), ' % changed place')",
        "See whether the unit, currency, plan structure or filter of the export has changed.",
    ),
)


def suites(connection: duckdb.DuckDBPyConnection, thresholds: Thresholds) -> list[ExpectationSuite]:
    """A suite for every system, to be run on the view ``<system>`` of its figures, which this makes."""
    found = connection.execute(
        """
        select system, table_name, measure, max(value_before) as value_before from raw_exports.measures
        where measure <> 'rows' or value > 0 or value_before > 0
        group by system, table_name, measure order by system, table_name nulls first, measure
        """
    ).fetchall()
    made: list[ExpectationSuite] = []
    for system in dict.fromkeys(row[0] for row in found):
        connection.execute(
            f"create view \"{system}\" as select * exclude (system) from raw_exports.measures where system = '{system}'"
        )
        expectations: list[Expectation] = []
        for _, table_name, measure, value_before in (row for row in found if row[0] == system):
            if measure == "record_lag_days":
                expectations.append(_freshness(thresholds.defaults))
                continue
            limits = thresholds.of(system, table_name)
            for check in _EXPORT_CHECKS:
                if check.measure != measure or (
                    measure == "rows" and (limits.may_be_empty or not value_before)
                ):
                    continue
                expectations.append(
                    no_rows(
                        check.name,
                        check.severity,
                        check.expected(limits),
                        check.advice,
                        f"select {check.observed} as observed from {{batch}} where table_name = '{table_name}'"
                        f" and measure = '{measure}' and {check.wrong(limits)}",
                        relation=f"{system}.{table_name}",
                    )
                )
        made.append(ExpectationSuite(name=f"raw_exports.{system}", expectations=expectations))
    return made


def _freshness(limits: ExportThresholds) -> Expectation:
    return no_rows(
        "records are fresh",
        "warning",
        f"The newest record of the system is at most {limits.max_lag_days} days older than the day of the warehouse.",
        "Export the system again; until then its figures are those of its last record.",
        "select concat('newest record of ', detail, ', ', cast(value as bigint), ' days behind') as observed from {batch}"
        f" where measure = 'record_lag_days' and value > {limits.max_lag_days}",
    )
