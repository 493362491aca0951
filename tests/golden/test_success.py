"""Success plans and perceived success: known answers, one constructed answer for each rule, and an oracle in Python.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0) unless a test says otherwise.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
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


# ---- perceived success, and what follows from success ----------------------------------------------------------------

#: Realization and answer about impact → state.
STATES: dict[tuple[int | None, int | None], str] = {
    (None, None): "unknown",
    (None, 2): "failing",
    (None, 3): "unknown",
    (None, 5): "unknown",
    (49, None): "failing",
    (49, 5): "failing",
    (50, None): "unknown",
    (50, 2): "failing",
    (50, 3): "succeeding",
    (74, 3): "succeeding",
    (75, 5): "succeeding",
}
BANDS = {None: "unknown", 49: "low", 50: "mid", 74: "mid", 75: "high"}

#: What happened to customers of one year: plan realized by (%), perceived, adoption, end of the contract, recurring revenue after.
YEAR: dict[str, tuple[int | None, int | None, float | None, str | None, int]] = {
    "did well and grew": (90, 5, 100, None, 150),
    "did well and stayed": (80, 4, 100, None, 100),
    "did well and left": (80, 5, 100, "2025-02-01", 0),
    "middling": (60, 3, 100, None, 100),
    "did badly and left": (20, 1, 10, "2025-02-01", 0),
    "did badly and shrank": (30, 2, 10, None, 40),
    "adopted in vain and left": (30, None, 100, "2025-02-01", 0),
    "nothing known, left": (None, None, None, "2025-02-01", 0),
    "not adopted, success unknown, left": (None, None, 10, "2025-02-01", 0),
}


@pytest.fixture(scope="module")
def outcomes(build: Builder) -> Warehouse:
    company = Company()
    for number, (realized, seen) in enumerate(STATES):
        customer = Customer(company, f"state {number}", "states")
        if realized is not None:
            customer.plan(f"P{number}").objective(
                f"P{number}", percent_complete=realized, updated_date="2025-02-01"
            )
        if seen is not None:
            customer.sees(seen)
        if number != 5:
            customer.sees(100, kind="adoption_share", contact="bob")
    for name, (realized, seen, used, end, after) in YEAR.items():
        customer = Customer(company, name, "year", end=end if end else "2025-01-01")
        if end is None:
            company.line(name, "2025-01-01", None, after, quantity=10, unit_of_measure="seat")
        if realized is not None:
            customer.plan(name, "2024-01-01").objective(
                name, percent_complete=realized, updated_date="2024-05-31"
            )
        if seen is not None:
            customer.sees(seen, "2024-05-31")
        if used is not None:
            customer.sees(used, "2024-05-31", "bob", "adoption_share")
    # Perception: of each person the newest answer of twelve months; points of three stand for 1, 3 and 5.
    voices = Customer(company, "voices", "voices")
    voices.sees(1, "2025-01-01").sees(5, "2025-02-01").sees(1, "2024-05-31", "too long ago").sees(
        4, T, "newest day"
    )
    voices.sees(2, T, "bad").sees("neutral", T, "so-so").sees(1, T, "nobody to be named", "criticality")
    voices.sees(4, T, "needs it", "criticality").sees(3, T, "could do without", "criticality")
    Customer(company, "one voice", "voices").sees(1)
    Customer(company, "no voice", "voices")
    # Expectations not met in the twelve months to May, with their reasons.
    missed = Customer(company, "missed", "missed").plan("missed", "2024-01-01")
    missed.objective(
        "missed", status="lost", closed_date="2024-07-01", reason_raw="Price", due_date="2024-06-01"
    )
    missed.objective(
        "missed", status="lost", closed_date="2024-05-31", due_date="2024-08-01"
    )  # a day too early
    missed.objective("missed", status="open", due_date="2025-05-31", reason_raw="words of ours")
    missed.objective("missed", status="open", due_date="2025-06-01")
    missed.objective(
        "missed", status="won", closed_date="2025-03-10", due_date="2025-03-01"
    )  # late within the month
    missed.objective("missed", status="lost", closed_date="2025-05-31", reason_raw="no sponsor")
    missed.sees(2, "2025-01-10").sees("too complex", "2025-01-10", kind="barrier").sees(
        3, "2025-01-11", "cat"
    )
    missed.sees(1, "2025-01-12", "bob").sees("lacks skills", "2025-01-13", "bob", "barrier")
    # Failing at the end of November 2024, and half a year later.
    for name, later, end in (
        ("better", 5, None),
        ("as bad", 2, None),
        ("left", None, "2025-05-01"),
        ("silent", None, None),
    ):
        again = Customer(company, name, "again", end=end).sees(1, "2024-05-15")
        if name != "silent":
            again.plan(name, "2024-06-01").objective(name, percent_complete=80, updated_date="2024-06-01")
        if later is not None:
            again.sees(later, "2025-05-10")
    return build(company)


def test_state_and_band_of_success(outcomes: Warehouse) -> None:
    found = outcomes.rows(
        "select success_band, success_state from marts.fct_success_months where customer_id like '%state %' and month_end = cast(? as date)"
        " order by cast(regexp_extract(customer_id, '[0-9]+$') as integer)",
        T,
    )  # fmt: skip
    assert found == [(BANDS[realized], state) for (realized, _), state in STATES.items()]


def test_adopted_and_not_successful(outcomes: Warehouse) -> None:
    # All but one have adopted; of four of those ten nobody can say whether they fail.
    row = outcomes.row("adopted_not_successful_count", "month", T, "states")
    assert (row["value"], row["denominator"], row["coverage"]) == (3, 6, six(0.6))


def test_shares_of_answers_about_impact(outcomes: Warehouse) -> None:
    # Ann 5, newest day 4, bad 2, so-so 3; at the other customer 1.
    for key, count in (("positive", 2), ("neutral", 1), ("negative", 2)):
        assert share(outcomes, f"perception_{key}_share", "voices") == (count, 5, 1)
    assert share(outcomes, "product_criticality_share", "voices") == (1, 3, 1)
    # 2, 3, 4, 5: the lower one in the middle is neutral.
    assert share(outcomes, "perception_positive_share_account_weighted", "voices") == (0, 2, six(2 / 3))
    assert share(outcomes, "unmet_expectation_rate", "voices") == (1, 2, six(2 / 3))


def banded(marts: Warehouse, key: str) -> dict[str, tuple[int, int]]:
    """Numerator and denominator of a metric by band, of the twelve months to the end of May: the customers of the year alone."""
    found = marts.rows(
        "select member, cast(sum(numerator) as integer), cast(sum(denominator) as integer) from marts.fct_metric_contributions"
        " inner join marts.dim_customers on subject_id = customer_id where segment = 'year' and metric_key = ? and period_grain = 't12m'"
        " and period_end = cast(? as date) and is_included group by member order by member",
        key, T,
    )  # fmt: skip
    return {member: (numerator, denominator) for member, numerator, denominator in found}


def test_what_became_of_customers_by_what_was_known_before(outcomes: Warehouse) -> None:
    assert banded(outcomes, "retention_by_perception_band") == {
        "positive": (2, 3), "neutral": (1, 1), "negative": (1, 2), "unknown": (0, 3),
    }  # fmt: skip
    assert banded(outcomes, "expansion_by_perception_band") == {
        "positive": (50, 300), "neutral": (0, 100), "negative": (0, 200), "unknown": (0, 300),
    }  # fmt: skip
    assert banded(outcomes, "retention_by_realization_band") == {
        "high": (2, 3),
        "mid": (1, 1),
        "low": (1, 3),
        "unknown": (0, 2),
    }
    assert banded(outcomes, "spend_change_by_realization_band") == {
        "high": (-50, 300), "mid": (0, 100), "low": (-260, 300), "unknown": (-200, 200),
    }  # fmt: skip
    # Health at the opening, of adoption, success and perception where they are known (75 of 100 weights, or 55).
    assert banded(outcomes, "recurring_revenue_rate_by_health_band") == {
        "green": (250, 300), "amber": (100, 200), "red": (40, 200), "unknown": (0, 200),
    }  # fmt: skip


def test_the_value_chain(outcomes: Warehouse) -> None:
    expected = {
        "green_high": (2, 3), "green_mid": (1, 1), "green_low": (0, 1), "red_low": (1, 2), "red_unknown": (0, 1), "unknown_unknown": (0, 1),
    }  # fmt: skip
    assert banded(outcomes, "value_chain_matrix") == expected
    cells = outcomes.rows(
        "select concat(adoption_band, '_', success_band), sum(kept_customer_count), sum(customer_count) from marts.fct_value_chain"
        " where period_grain = 't12m' and period_end = cast(? as date) group by all",
        T,
    )
    counted = {member: (kept, count) for member, kept, count in cells}
    values = outcomes.rows(
        "select member, numerator, denominator from marts.fct_metric_values where metric_key = 'value_chain_matrix'"
        " and period_grain = 't12m' and period_end = cast(? as date) and dimension = 'adoption_success'",
        T,
    )
    assert {member: (kept, count) for member, kept, count in values} == counted
    # Of five that left, one had done well; two had not adopted, one failed; of one nothing is known.
    assert share12(outcomes, "loss_despite_success_share", "year") == (1, 4, six(0.8))


def share12(marts: Warehouse, key: str, segment: str) -> tuple[Any, ...]:
    row = marts.row(key, "t12m", T, segment)
    return row["numerator"], row["denominator"], row["coverage"]


def test_why_expectations_were_not_met(outcomes: Warehouse) -> None:
    found = outcomes.rows(
        "select event_kind, reason, cast(month_end as varchar) from marts.fct_unmet_expectations inner join marts.dim_customers using"
        " (customer_id) where segment = 'missed' and month_end > date '2024-05-31' and month_end <= cast(? as date) order by all",
        T,
    )  # fmt: skip
    assert found == [
        ("answer", "too_complex", "2025-01-31"),
        ("answer", "unknown", "2025-01-31"),
        ("objective", "price_budget", "2024-06-30"),
        ("objective", "sponsor_left", "2025-05-31"),
        ("objective", "unknown", "2025-05-31"),
    ]


def test_success_after_failure(outcomes: Warehouse) -> None:
    # One of three recovered: one fails still, one has left; of the fourth nobody knows.
    assert share(outcomes, "success_recovery_rate", "again") == (1, 3, six(0.75))


def test_health_beside_success_is_health_without_it(outcomes: Warehouse) -> None:
    found = outcomes.rows(
        "select success_band, score from marts.fct_success_health_months where customer_id like '%state 10' and month_end = cast(? as date)",
        T,
    )  # fmt: skip
    # Use 100 and impact 100, weights 30 and 20 of 75.
    assert found == [("high", six(100))]
    (score,) = outcomes.rows(
        "select health_score from marts.fct_health_months where customer_id like '%state 10' and month_end = cast(? as date)",
        T,
    )
    assert score == (six((30 * 100 + 25 * 75 + 20 * 100) / 75),)


# ---- what customers gain ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def returns(build: Builder) -> Warehouse:
    company = Company()
    company.rate("2025-01-01", "EUR", "1.5")

    def customer(
        name: str, segment: str, invested: list[tuple[Any, ...]], gained: list[tuple[Any, ...]]
    ) -> None:
        Customer(company, name, segment, "2022-01-01")
        for kind, flows in (("investment", invested), ("benefit", gained)):
            for number, (month, amount, *more) in enumerate(flows):
                row = {"currency": more[1] if len(more) > 1 else None}
                if kind == "benefit":
                    row["verified_by"] = more[0] if more else None
                company.add(
                    f"customer_{kind}s", account_id=name, amount=amount, **{f"{kind}_id": f"{name} {number}", f"{kind}_month": month}, **row
                )  # fmt: skip

    customer("G11", "G11", [("2022-05-10", 1)], [("2024-04-10", 4_224_000), ("2025-04-10", 8_719_488)])
    monthly = [(f"2024-{month:02}-10", 300) for month in range(2, 8)]
    customer("in the fifth month", "paid", [("2024-01-10", 1000)], monthly)
    customer("spends again", "paid", [("2024-01-10", 600), ("2024-07-31", 5000)], monthly)
    customer("not yet", "paid", [("2024-01-10", 10_000)], monthly)
    customer("investment alone", "paid", [("2024-01-10", 1000)], [])
    customer("benefits alone", "paid", [], monthly)
    customer("not yet either", "waiting", [("2024-01-10", 10_000)], monthly)
    customer("at once", "waiting", [("2024-01-10", 100)], [("2024-01-20", 100)])
    customer("never", "waiting", [("2024-01-10", 100)], [("2025-05-31", 99)])
    customer(
        "verified",
        "verified",
        [("2024-01-10", 100, None, "EUR")],
        [("2024-02-10", 90, "Customer", "EUR"), ("2024-03-10", 120)],
    )
    customer(
        "before", "verified", [("2024-01-10", 100)], [("2023-12-31", 1000), ("2024-02-10", 50, "customer")]
    )
    customer("no rate", "verified", [("2024-01-10", 100)], [("2024-02-10", 50, None, "XXX")])
    return build(company)


def test_present_value_of_benefits(returns: Warehouse) -> None:
    assert returns.one(
        "select benefit_amount, round(benefit_pv_amount, 2) from marts.fct_customer_roi where customer_id = 'templates:G11'"
        " and month_end = cast(? as date)",
        T,
    ) == (12_943_488, Decimal("10041989.48"))  # fmt: skip


def test_return_of_those_with_both_sides_on_record(returns: Warehouse) -> None:
    # (1,800 − 1,000) + (1,800 − 5,600) + (1,800 − 10,000) over 1,000 + 5,600 + 10,000
    assert share(returns, "customer_roi", "paid") == (-11_200, 16_600, 1)
    # 90 × 1.5 + 120 and 50 for 100 × 1.5 and 100; of the third nobody knows what the benefit is in our currency.
    assert share(returns, "customer_roi", "verified") == (55, 250, six(2 / 3))
    assert share(returns, "customer_roi_verified", "verified") == (-65, 250, six(2 / 3))


def test_months_to_payback(returns: Warehouse) -> None:
    found = dict(
        returns.rows(
            "select substr(customer_id, 11), payback_months from marts.fct_customer_roi where month_end = cast(? as date)",
            T,
        )
    )
    # 100 of the 300 of the fifth month were still missing; what is spent later does not undo it.
    assert found["in the fifth month"] == six(4 + 1 / 3)
    assert (found["spends again"], found["at once"], found["not yet"], found["never"]) == (3, 0, None, None)
    assert returns.rows(
        "select count(*) from marts.fct_customer_roi where customer_id like '%fifth month' and payback_months is null"
    ) == [(4,)]
    # 3, 4.33, not yet: the middle one is known, nine in ten are not.
    assert returns.value("payback_months", "t12m", T, "paid") == six(4 + 1 / 3)
    assert returns.value("payback_months_p90", "t12m", T, "paid") is None
    row = returns.row("payback_months", "t12m", T, "waiting")
    assert (row["value"], row["n"]) == (None, 3)


# ---- Gainsight --------------------------------------------------------------------------------------------------------


def test_plans_of_gainsight_and_the_success_teams_own_list(build: Builder) -> None:
    at = "2025-01-01 09:00:00"
    company = Company()
    for account in ("G1", "G2"):
        company.exports.setdefault("gainsight/company", []).append({"gsid": account, "created_date": at})
    company.add(
        "contract_lines", contract_line_id="L", account_id="T", product_id="core", start_date="2024-06-01", mrr_amount=1
    )  # fmt: skip
    company.exports["gainsight/success_plan"] = [
        {"gsid": gsid, "company_id": "G1", "start_date": "2025-01-01", "created_date": at, **row}
        for gsid, row in {
            "active": {
                "active_date": "2025-03-10 10:00:00",
                "status_name": "Active",
                "agreed_date_gc": "2025-03-31",
            },
            "draft": {"status_name": "Draft"},
            # Closed, and nobody says when: its last change is the latest day it can have been.
            "closed": {"is_closed": "true", "modified_date": "2025-02-10 10:00:00", "status_id": "1I00X"},
            "deleted": {"_fivetran_deleted": "true"},
        }.items()
    ]
    calls: dict[str, Row] = {
        "today": {"baseline_value_gc": 0, "target_value_gc": 10, "current_value_gc": 8, "modified_date": "2025-05-10 10:00:00"},
        "listed": {"baseline_value_gc": 0, "target_value_gc": 10, "current_value_gc": 9, "modified_date": "2025-05-20 10:00:00"},
        "won": {"status_name": "Closed Success", "closed_date": "2025-04-10 10:00:00", "is_closed": "true"},
        "a risk": {"entity_type": "CTA", "type_name": "Risk"},
        "of no plan": {"success_plan_id": ""},
    }  # fmt: skip
    company.exports["gainsight/call_to_action"] = [
        {"gsid": gsid, "company_id": "G1", "created_date": at, "success_plan_id": "active", "entity_type": "Objective", **row}
        for gsid, row in calls.items()
    ]  # fmt: skip
    for number, (day, value) in enumerate((("2025-03-15", 2), ("2025-04-15", 4))):
        company.add(
            "objective_measurements", measurement_id=number, objective_id="listed", objective_system="Gainsight", measured_date=day,
            value=value,
        )  # fmt: skip
    marts = build(company, systems=("gainsight", "templates"))
    assert marts.rows(
        "select plan_key, min(month_end), max(month_end), max(month_end) filter (where is_open), min(month_end) filter (where is_agreed)"
        " from marts.fct_success_plans group by all order by all"
    ) == [
        ("gainsight:active", date(2025, 3, 31), date(2025, 6, 30), date(2025, 6, 30), date(2025, 3, 31)),
        ("gainsight:closed", date(2025, 1, 31), date(2025, 6, 30), date(2025, 1, 31), None),
    ]
    found = marts.rows(
        "select objective_key, month_end, attainment from marts.fct_success_objectives order by all"
    )
    assert found == [
        (f"gainsight:{key}", date(2025, month, 31 - (month in (4, 6))), value and six(value))
        for key, values in (
            ("listed", ("0.2", "0.4", "0.9", "0.9")), ("today", (None, None, "0.8", "0.8")), ("won", (None, "1", "1", "1")),
        )
        for month, value in zip((3, 4, 5, 6), values, strict=True)
    ]  # fmt: skip
    findings = {finding for (finding,) in marts.rows("select finding from marts.dq_findings")}
    assert "objectives are of no success plan, and count nowhere" in findings
    assert "status of a success plan or objective is not in the seed success_status_map" in findings


# ---- an oracle in Python ----------------------------------------------------------------------------------------------


def draw(seed: int) -> tuple[list[Row], list[Row], list[Row]]:
    """Plans, objectives and measurements of a random company, with holes everywhere."""
    dice = random.Random(seed)

    def day(low: int = 0, high: int = 900) -> date:
        return date(2023, 1, 1) + timedelta(dice.randrange(low, high))

    def perhaps(value: Any, share: float = 0.5) -> Any:
        return value if dice.random() < share else None

    plans = [
        {
            "plan_id": f"P{n}", "account_id": f"C{dice.randrange(8)}", "start_date": day(0, 800), "closed_date": perhaps(day(300)),
            "status": perhaps("draft", 0.1), "agreed_date": perhaps(day()),
        }
        for n in range(40)
    ]  # fmt: skip
    objectives = [
        {
            "objective_id": f"O{n}", "plan_id": f"P{dice.randrange(40)}", "status": perhaps(dice.choice(["open", "won", "lost"])),
            "start_date": perhaps(day(0, 400), 0.2), "due_date": perhaps(day(), 0.8), "closed_date": perhaps(day(), 0.7),
            "baseline_value": perhaps(dice.randrange(10), 0.8), "target_value": perhaps(dice.randrange(10), 0.8),
            "percent_complete": perhaps(dice.randrange(-5, 106), 0.6), "updated_date": perhaps(day(), 0.8),
            "weight": perhaps(dice.randrange(4)), "unit": perhaps("hours"),
        }
        for n in range(150)
    ]  # fmt: skip
    measurements = [
        {"measurement_id": n, "objective_id": f"O{dice.randrange(150)}", "measured_date": day(), "value": dice.randrange(-2, 13)}
        for n in range(300)
    ]  # fmt: skip
    return plans, objectives, measurements


def attained(objective: Row, measurements: list[Row], day: date) -> Fraction | None:
    """How far an objective was reached on a day, by the rules in words."""
    low, high = objective["baseline_value"], objective["target_value"]
    values = [
        (row["measured_date"], row)
        for row in measurements
        if row["objective_id"] == objective["objective_id"] and row["measured_date"] <= day
    ]
    if values and low is not None and high is not None and low != high:
        newest = max(at for at, _ in values)
        # Of one day the one whose key comes first.
        value = min((str(row["measurement_id"]), row["value"]) for at, row in values if at == newest)[1]
        return min(max(Fraction(value - low, high - low), Fraction(0)), Fraction(1))
    closed = objective["closed_date"] or objective["updated_date"]
    if objective["status"] in ("won", "lost") and closed is not None and closed <= day:
        return Fraction(objective["status"] == "won")
    told = objective["updated_date"] or date(2025, 6, 30)
    if (
        objective["percent_complete"] is not None
        and 0 <= objective["percent_complete"] <= 100
        and told <= day
    ):
        return Fraction(objective["percent_complete"], 100)
    return None


@pytest.mark.parametrize("seed", [1, 2])
def test_success_plans_of_a_random_company(build: Builder, seed: int) -> None:
    plans, objectives, measurements = draw(seed)
    company = Company()
    for n in range(8):
        company.customer(f"C{n}").line(f"C{n}", "2023-01-01", None, 100)
    for table, rows in (
        ("success_plans", plans), ("success_objectives", objectives), ("objective_measurements", measurements),
    ):  # fmt: skip
        for row in rows:
            company.add(table, **row)
    marts = build(company)
    for year, month in ((2024, 3), (2024, 12), (2025, 5)):
        day = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
        since = date(year - 1 + month // 12, month % 12 + 1, 1)
        chosen = {
            plan["plan_id"]
            for plan in plans
            if plan["status"] != "draft" and plan["start_date"] <= day and (plan["closed_date"] is None or plan["closed_date"] >= since)
        }  # fmt: skip
        mine = [
            row for row in objectives if row["plan_id"] in chosen and (row["start_date"] is None or row["start_date"] <= day)
        ]  # fmt: skip
        shares = [(row, row["weight"] or 1, attained(row, measurements, day)) for row in mine]
        known = [(row, weight, share) for row, weight, share in shares if share is not None]
        weights = sum(weight for _, weight, _ in known)
        coverage = six(str(len(known) / len(mine)))
        for key, numerator, denominator in (
            ("success_plan_realization_rate", sum(weight * share for _, weight, share in known), weights),
            (
                "success_plan_schedule_variance",
                sum(weight * (share - (row["due_date"] is not None and row["due_date"] <= day)) for row, weight, share in known),
                weights,
            ),
            ("success_plan_strict_rate", sum(share == 1 for *_, share in known), len(mine)),
        ):  # fmt: skip
            row = marts.row(key, "month", str(day))
            assert abs(row["numerator"] - six(float(numerator))) < Decimal("0.0001"), (key, day)
            assert (row["denominator"], row["coverage"]) == (denominator, coverage), (key, day)
        agreed = {
            row["plan_id"] for row in plans if row["agreed_date"] is not None and row["agreed_date"] <= day
        }
        assert share_of(marts, "mutual_agreement_rate", day) == (len(agreed & chosen), len(chosen))


def share_of(marts: Warehouse, key: str, day: date) -> tuple[Any, ...]:
    row = marts.row(key, "month", str(day))
    return row["numerator"], row["denominator"]
