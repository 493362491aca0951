"""Success plans and perceived success: known answers, one constructed answer for each rule, and an oracle in Python.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0) unless a test says otherwise.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.golden.warehouse import Builder, Company, Warehouse, six

T = "2025-05-31"
Row = dict[str, Any]


class Customer:
    """One customer on recurring revenue, in a segment of its own name unless told otherwise, with plans and answers."""

    def __init__(
        self, company: Company, name: str, segment: str | None = None, start: str = "2023-01-01", end: str | None = None
    ) -> None:  # fmt: skip
        self.company, self.name = company, name
        company.customer(name, segment=segment or name)
        company.line(name, start, end, 100, quantity=10, unit_of_measure="seat")

    def plan(self, plan: str, start: str = "2025-01-01", **row: Any) -> Customer:
        self.company.add("success_plans", plan_id=plan, account_id=self.name, start_date=start, **row)
        return self

    def objective(self, plan: str, *values: tuple[str, float], **row: Any) -> Customer:
        """An objective and its dated values."""
        number = len(self.company.exports.get("templates/success_objectives", ()))
        self.company.add("success_objectives", objective_id=f"O{number}", plan_id=plan, **row)
        for day, value in values:
            count = len(self.company.exports.get("templates/objective_measurements", ()))
            self.company.add(
                "objective_measurements", measurement_id=f"M{count}", objective_id=f"O{number}", measured_date=day, value=value
            )  # fmt: skip
        return self

    def sees(
        self, score: Any, day: str = "2025-05-10", contact: str = "ann", kind: str = "perception"
    ) -> Customer:
        number = len(self.company.exports.get("templates/survey_responses", ()))
        self.company.add(
            "survey_responses", answer_id=f"A{number}", account_id=self.name, contact_id=f"{contact}@{self.name}", question_kind=kind,
            survey_id="S", score=score if not isinstance(score, str) else None, answer=score if isinstance(score, str) else None,
            answered_date=day,
        )  # fmt: skip
        return self


def reduce(value: float) -> dict[str, Any]:
    """G20: an objective that brings something down from 40 to 20, and its value."""
    return {"baseline_value": 40, "target_value": 20, "current_value": value, "updated_date": "2025-03-01"}


@pytest.fixture(scope="module")
def known(build: Builder) -> Warehouse:
    company = Company()
    for value in (25, 45, 10):
        Customer(company, f"G20 {value}").plan(f"G20 {value}").objective(f"G20 {value}", **reduce(value))
    # B7.2: 0.75 measured, closed as won and not measured, unknown.
    Customer(company, "B7.2").plan("B7.2").objective("B7.2", **reduce(25)).objective(
        "B7.2", status="won", closed_date="2025-04-01"
    ).objective("B7.2")
    # The rules of B1, one an objective: its attainment at the end of May.
    rules = Customer(company, "rules").plan("rules")
    for _, values, row in ATTAINMENTS:
        rules.objective(
            "rules",
            *values,
            baseline_value=row.pop("baseline", None),
            target_value=row.pop("target", None),
            **row,
        )
    for name, row in SCOPES.items():
        Customer(company, name, "scope").plan(name, **row).objective(
            name, percent_complete=50, updated_date="2024-01-01"
        )
    # B7: due and half done −0.5, due and done 0, ahead of its day +0.4, without a day +0.2 at twice the weight; unknown.
    Customer(company, "B7").plan("B7").objective(
        "B7", percent_complete=50, updated_date="2025-02-01", due_date=T
    ).objective("B7", status="won", closed_date="2025-02-01", due_date="2025-03-01").objective(
        "B7", percent_complete=40, updated_date="2025-02-01", due_date="2025-06-01"
    ).objective("B7", percent_complete=20, updated_date="2025-02-01", weight=2).objective(
        "B7", due_date="2025-04-01"
    )
    # B6, B16, B17: two plans, of which one is agreed by then; four objectives.
    Customer(company, "B6").plan("B6 agreed", agreed_date=T).plan(
        "B6 not yet", agreed_date="2025-06-01"
    ).objective(
        "B6 agreed",
        unit="hours",
        baseline_value=10,
        target_value=5,
        owner_id="o",
        resource_id="r",
        service_id="s",
    ).objective(
        "B6 agreed", unit="hours", baseline_value=10, target_value=10, owner_id="o", resource_id="r"
    ).objective("B6 agreed", baseline_value=10, target_value=5).objective(
        "B6 not yet", unit="hours", target_value=5, owner_id="o", resource_id="r", service_id="s"
    )
    Customer(company, "without plan", "B16").sees(5)
    Customer(company, "plan without goals", "B16").plan("no goals")
    Customer(company, "plan in words", "B16").plan("words").objective("words", has_success_criteria="true")
    Customer(company, "plan closed", "B16").plan("closed", closed_date="2025-05-31").objective(
        "closed", **reduce(20)
    )
    return build(company)


#: What an objective is reached by at the end of May, its dated values, its record.
ATTAINMENTS: list[tuple[float | None, list[tuple[str, float]], Row]] = [
    (0.25, [("2025-02-01", 4), ("2025-05-31", 5), ("2025-06-01", 8)], {"baseline": 4, "target": 8}),
    # Measured goes before how it was closed, and before what its owner says.
    (0.5, [("2025-02-01", 5)], {"baseline": 0, "target": 10, "status": "won", "closed_date": "2025-03-01"}),
    (0.5, [("2025-02-01", 5)], {"baseline": 0, "target": 10, "percent_complete": 80, "updated_date": "2025-03-01"}),
    # From nowhere to nowhere, or without a beginning: not measured.
    (1, [("2025-02-01", 10)], {"baseline": 10, "target": 10, "status": "won", "closed_date": "2025-03-01"}),
    (0, [("2025-02-01", 9)], {"target": 10, "status": "Closed Lost", "closed_date": "2025-05-31"}),
    # Closed the day after: what the owner says counts still.
    (0.3, [], {"status": "won", "closed_date": "2025-06-01", "percent_complete": 30, "updated_date": "2025-05-01"}),
    # A value without history counts from its last change on, and was unknown before.
    (None, [], {"baseline": 0, "target": 10, "current_value": 5, "updated_date": "2025-06-01"}),
    (None, [], {"baseline": 0, "target": 10, "current_value": 5}),
    (None, [], {"percent_complete": 101, "updated_date": "2025-02-01"}),
    (None, [], {"status": "in limbo"}),
]  # fmt: skip

#: Plans by whether they are in scope at the end of May 2025.
SCOPES: dict[str, Row] = {
    "in: starts on the day": {"start": "2025-05-31"},
    "out: starts the day after": {"start": "2025-06-01"},
    "in: closed twelve months before": {"start": "2024-01-01", "closed_date": "2024-06-01"},
    "out: closed longer ago": {"start": "2024-01-01", "closed_date": "2024-05-31"},
    "out: a draft": {"start": "2025-01-01", "status": "Draft"},
    "in: of a word nobody knows": {"start": "2025-01-01", "status": "in limbo"},
    "out: on record later": {"start": "2025-01-01", "recorded_date": "2025-06-01"},
}


def share(marts: Warehouse, key: str, segment: str, month_end: str = T) -> tuple[Any, ...]:
    row = marts.row(key, "month", month_end, segment)
    return row["numerator"], row["denominator"], row["coverage"]


@pytest.mark.parametrize(("value", "attained"), [(25, "0.75"), (45, "0"), (10, "1")])
def test_an_objective_that_brings_something_down(known: Warehouse, value: int, attained: str) -> None:
    assert known.value("success_plan_realization_rate", "month", T, f"G20 {value}") == six(attained)


def test_what_is_unknown_is_left_out_of_realization_and_counted_in_the_strict_rate(known: Warehouse) -> None:
    realized = known.row("success_plan_realization_rate", "month", T, "B7.2")
    assert (realized["value"], realized["coverage"], realized["n"]) == (six("0.875"), six(2 / 3), 2)
    strict = known.row("success_plan_strict_rate", "month", T, "B7.2")
    assert (strict["value"], strict["coverage"], strict["n"]) == (six(1 / 3), six(2 / 3), 3)


def test_every_way_of_knowing_an_objective(known: Warehouse) -> None:
    found = known.rows(
        "select attainment from marts.fct_success_objectives where plan_key = 'templates:rules' and month_end = cast(? as date)"
        " order by cast(substr(objective_key, 12) as integer)",
        T,
    )  # fmt: skip
    assert [value for (value,) in found] == [six(expected) for expected, _, _ in ATTAINMENTS]


def test_plans_in_scope(known: Warehouse) -> None:
    found = known.rows(
        "select substr(plan_key, 11) from marts.fct_success_plans inner join marts.dim_customers using (customer_id)"
        " where segment = 'scope' and month_end = cast(? as date) order by all",
        T,
    )  # fmt: skip
    assert [name for (name,) in found] == sorted(name for name in SCOPES if name.startswith("in"))


def test_progress_beside_the_day_it_is_due(known: Warehouse) -> None:
    # (0.5 − 1) + (1 − 1) + 0.4 + 2 × 0.2 over weights 1, 1, 1 and 2.
    assert share(known, "success_plan_schedule_variance", "B7") == (six("0.3"), six(5), six("0.8"))


def test_what_plans_and_objectives_say_of_themselves(known: Warehouse) -> None:
    assert share(known, "mutual_agreement_rate", "B6") == (1, 2, 1)
    assert share(known, "measurable_outcome_share", "B6") == (1, 4, 1)
    assert share(known, "objective_resource_alignment_rate", "B6") == (2, 4, 1)
    assert share(known, "success_plan_coverage_rate", "B16") == (2, 4, 1)
    assert share(known, "success_definition_coverage", "B16") == (1, 4, 1)


def test_customers_that_meet_their_goals(known: Warehouse) -> None:
    # Of four customers one has a known realization: its plan was closed on the day, with its goal reached.
    assert share(known, "goal_attaining_customer_share", "B16") == (1, 1, six("0.25"))


def test_without_a_system_of_plans_nothing_is_known(build: Builder) -> None:
    company = Company()
    Customer(company, "alone").sees(5)
    marts = build(company)
    assert marts.rows(
        "select distinct realization_rate, success_band, success_state, has_open_plan from marts.fct_success_months"
    ) == [(None, "unknown", "unknown", None)]
    row = marts.row("success_plan_coverage_rate", "month", T)
    assert (row["value"], row["coverage"], row["verdict"]) == (None, 0, "no_data")
