"""The metric catalogue says what every question of the theme is answered with, and the models answer it."""

from __future__ import annotations

import csv
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.gates.conftest import Project
from tests.harness import PROJECT

#: The questions that the themes must answer, as agreed with their readers.
EXPECTED = Path(__file__).with_name("inventory.csv")
SHARED_INVENTORY = (
    Path(os.environ.get("POSTSALE_SHARED_DOMAIN", PROJECT.parent / "shared" / "domain")) / "inventory.csv"
)

#: In constant currency there is no such movement, hence no row.
ONLY_AS_REPORTED = {"fx_impact_arr"}

#: Asked for in days, and short enough to be told in hours.
IN_HOURS = {"time_to_resolution", "first_response_time"}

FILLED = (
    "row_id",
    "metric_key",
    "title",
    "question",
    "definition",
    "subject",
    "unit",
    "direction",
    "format",
    "kind",
    "headline_grain",
)
WORDS = {
    "theme": {
        "activities",
        "adoption",
        "defects",
        "enablement",
        "engagement",
        "health",
        "portfolio",
        "proficiency",
        "profitability",
        "retention",
        "selling",
        "service_sales",
        "success",
        "support_scale",
        "value",
    },
    "is_headline": {"true", "false"},
    "unit": {"ratio", "count", "money", "months", "days", "hours", "score", "text-mix"},
    "direction": {"higher_is_better", "lower_is_better", "neutral"},
    "format": {
        "percent",
        "count",
        "decimal",
        "money",
        "months",
        "days",
        "hours",
        "years",
        "points",
        "number_2",
    },
    "kind": {"window", "balance", "flow", "statistic"},
    "headline_grain": {"month", "quarter", "year", "t12m"},
    "n_counts": {"denominator", "subjects", ""},
    "interval_method": {"wilson", ""},
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


CATALOGUE = rows(PROJECT / "seeds" / "metric_catalog.csv")
CATALOGUE_BY_KEY = {(row["row_id"], row["metric_key"]): row for row in CATALOGUE}
IDS = [f"{row['row_id']}-{row['metric_key']}" for row in CATALOGUE]


@pytest.mark.parametrize("row", CATALOGUE, ids=IDS)
def test_row_is_complete(row: dict[str, str]) -> None:
    assert not [column for column in FILLED if not row[column].strip()]
    assert not {column: row[column] for column, words in WORDS.items() if row[column] not in words}
    assert row["maturity_days"].isdigit()


def test_rows_are_unique() -> None:
    assert len(CATALOGUE_BY_KEY) == len(CATALOGUE)


def test_every_question_has_one_headline() -> None:
    headlines = Counter(row["row_id"] for row in CATALOGUE if row["is_headline"] == "true")
    assert headlines == Counter({row["row_id"]: 1 for row in rows(EXPECTED)})
    questions = {
        "A": 15,
        "B": 17,
        "C": 19,
        "D": 12,
        "E": 9,
        "F": 12,
        "G": 17,
        "H": 13,
        "I": 20,
        "J": 13,
        "K": 24,
        "L": 13,
        "M": 10,
        "N": 10,
        "O": 13,
    }
    numbered = {f"{letter}{number}" for letter, last in questions.items() for number in range(1, last + 1)}
    numbered = numbered - {"K10", "K15"} | {"K10a", "K10b", "K10c", "K10d"}
    assert set(headlines) == numbered and len(numbered) == 219
    assert {row["row_id"] for row in CATALOGUE} == set(headlines)


def test_targets_can_be_graded() -> None:
    """Every metric with a direction that is more or less than a target is green, amber or red; a neutral one has no better side."""
    directions = {row["metric_key"]: row["direction"] for row in CATALOGUE}
    wrong = []
    for row in rows(PROJECT / "seeds" / "metric_targets.csv"):
        sign = {"higher_is_better": 1, "lower_is_better": -1}.get(directions.get(row["metric_key"], ""))
        red, amber = Decimal(row["red_threshold"]), Decimal(row["amber_threshold"] or row["target"])
        if sign is None or sign * red >= sign * amber or not (row["owner"] and row["source"]):
            wrong.append(row["metric_key"])
    assert wrong == []


def test_a_metric_means_the_same_in_every_row() -> None:
    """Values are made once per metric key, so a key that answers two questions, of two themes maybe, has one unit, direction and kind."""
    shared = ("definition", "subject", "unit", "direction", "format", "kind", "n_counts", "interval_method",
              "maturity_days", "needs")  # fmt: skip
    meanings: dict[str, set[tuple[str, ...]]] = {}
    for row in CATALOGUE:
        meanings.setdefault(row["metric_key"], set()).add(tuple(row[column] for column in shared))
    assert not [key for key, found in meanings.items() if len(found) > 1]


@pytest.mark.parametrize("expected", rows(EXPECTED), ids=lambda row: f"{row['row_id']}-{row['metric_key']}")
def test_expected_row_is_in_the_catalogue(expected: dict[str, str]) -> None:
    row = CATALOGUE_BY_KEY.get((expected["row_id"], expected["metric_key"]))
    assert row is not None, "is not in the catalogue"
    wanted = {**expected, **({"unit": "hours"} if expected["metric_key"] in IN_HOURS else {})}
    assert {column: row[column] for column in expected} == wanted


@pytest.mark.skipif(
    not SHARED_INVENTORY.exists(), reason="the complete inventory of all themes is not part of the project"
)
def test_expected_rows_are_those_of_the_inventory() -> None:
    expected = rows(EXPECTED)
    shown = [tuple(row[column] for column in expected[0]) for row in rows(SHARED_INVENTORY)]
    assert sorted(shown) == sorted(tuple(row.values()) for row in expected)


def test_every_metric_without_further_needs_is_made(project: Project) -> None:
    """On a company that uses every system, each catalogue key has values, and no value lacks its catalogue row."""
    made = {
        key
        for (key,) in project.connection.execute(
            "select distinct metric_key from marts.fct_metric_values"
        ).fetchall()
    }
    needed = {row["metric_key"] for row in CATALOGUE if not row["needs"]} - ONLY_AS_REPORTED
    assert needed - made == set(), "in the catalogue, but never made"
    assert made - {row["metric_key"] for row in CATALOGUE} == set(), "made, but not in the catalogue"


def test_metrics_of_other_policies_are_written(project: Project) -> None:
    """What the default policy never makes is at least in the SQL."""
    written = "".join(
        node["compiled_code"] for node in project.models if "/scorecard/" in node["original_file_path"]
    )
    assert not [key for key in ONLY_AS_REPORTED if f"'{key}'" not in written]


def test_every_sum_opens_into_its_contributions(project: Project) -> None:
    """All metrics but the statistics are sums of contributions."""
    listed = {
        key
        for (key,) in project.connection.execute(
            "select distinct metric_key from marts.fct_metric_contributions"
        ).fetchall()
    }
    sums = {
        row["metric_key"] for row in CATALOGUE if not row["needs"] and row["kind"] != "statistic"
    } - ONLY_AS_REPORTED
    assert sums - listed == set(), "made, but without contributions"
    assert listed - {row["metric_key"] for row in CATALOGUE} == set(), "listed, but not in the catalogue"
