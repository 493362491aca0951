"""Success plans of the demo company: the warehouse finds what the simulator knows, and success foretells who stays.

The ledger comes from the simulator's own state, without SQL; what follows from it is worked out here in plain Python.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median_low
from typing import Any

import duckdb

from tests.python.test_ledger import differences

Key = tuple[str, date]


def six(value: Fraction | None) -> Decimal | None:
    """The value as the marts keep it: six places, half up."""
    if value is None:
        return None
    return (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def test_every_objective_is_as_far_as_the_simulator_knows(company: duckdb.DuckDBPyConnection) -> None:
    for table, mart, columns in (
        ("success_plan_months", "fct_success_plans", "plan_key, customer_id, month_end, is_open, is_agreed"),
        (
            "success_objectives",
            "fct_success_objectives",
            "objective_key, plan_key, customer_id, month_end, weight, attainment, is_due",
        ),
    ):
        assert (
            differences(
                company, f"select {columns} from ledger.{table}", f"select {columns} from marts.{mart}"
            )
            == []
        )
    seen = company.execute(
        "select count(distinct plan_key) > 50, count(*) filter (attainment is null) > 50, count(*) filter (attainment = 1) > 50,"
        " count(*) filter (attainment = 0) > 50, count(*) filter (attainment > 0 and attainment < 1) > 500 from ledger.success_objectives"
    ).fetchone()  # fmt: skip
    assert seen == (True,) * 5, "the company has objectives of every kind"


def test_objectives_are_no_risks(company: duckdb.DuckDBPyConnection) -> None:
    columns = "risk_key, risk_type, risk_reason, opened_date, closed_date"
    assert differences(
        company, f"select {columns} from ledger.risk_records", f"select {columns} from intermediate.int_risk_records"
    ) == []  # fmt: skip


def test_success_of_every_customer_follows_from_objectives_and_answers(
    company: duckdb.DuckDBPyConnection,
) -> None:
    reached: dict[Key, list[tuple[int, Decimal]]] = defaultdict(list)
    for customer, day, weight, attainment in company.execute(
        "select customer_id, month_end, weight, attainment from ledger.success_objectives where attainment is not null"
    ).fetchall():
        reached[customer, day].append((weight, attainment))
    answers: dict[str, list[tuple[date, int, Decimal]]] = defaultdict(list)
    for customer, day, contact, score in company.execute(
        "select customer_id, answered_date, contact, score from ledger.survey_answers where question_kind = 'perception'"
    ).fetchall():
        answers[customer].append((day, contact, score))
    expected: list[tuple[Any, ...]] = []
    for customer, day in company.execute(
        "select customer_id, month_end from ledger.customer_months where is_active order by all"
    ).fetchall():
        objectives = reached[customer, day]
        rate = (
            Fraction(sum(weight * share for weight, share in objectives)) / sum(weight for weight, _ in objectives)
            if objectives
            else None
        )  # fmt: skip
        since = date(day.year - 1 + day.month // 12, day.month % 12 + 1, 1)
        newest: dict[int, tuple[date, Decimal]] = {}
        for answered, contact, score in answers[customer]:
            if since <= answered <= day:
                newest[contact] = max(newest.get(contact, (date.min, Decimal(0))), (answered, score))
        middle = median_low([score for _, score in newest.values()]) if newest else None
        perception = middle and ("positive" if middle >= 4 else "negative" if middle <= 2 else "neutral")
        if rate is None:
            band = "unknown"
        else:
            band = "low" if rate < Fraction(1, 2) else "mid" if rate < Fraction(3, 4) else "high"
        if band == "low" or perception == "negative":
            state = "failing"
        else:
            state = "unknown" if band == "unknown" or perception is None else "succeeding"
        expected.append((customer, day, six(rate), band, perception, state))
    found = company.execute(
        "select customer_id, month_end, success_band, perception, success_state, realization_rate from marts.fct_success_months"
        " order by all"
    ).fetchall()
    assert [row[:5] for row in found] == [(*row[:2], *row[3:]) for row in expected]
    for row, (customer, day, rate, *_) in zip(found, expected, strict=True):
        # Half of the last place may fall to either side.
        assert rate == row[5] if rate is None else abs(rate - row[5]) <= Decimal("0.000001"), (customer, day)
    assert {row[3] for row in expected} == {"low", "mid", "high", "unknown"}
    assert {row[5] for row in expected} == {"failing", "succeeding", "unknown"}


def test_returns_of_customers_month_by_month(company: duckdb.DuckDBPyConnection) -> None:
    flows: dict[str, list[tuple[int, str, int, bool]]] = defaultdict(list)
    for customer, kind, day, amount, is_verified in company.execute(
        "select customer_id, return_kind, return_date, amount, is_verified from ledger.customer_returns"
    ).fetchall():
        flows[customer].append((12 * day.year + day.month, kind, amount, is_verified))
    found = company.execute(
        "select customer_id, month_end, benefit_amount, verified_benefit_amount, investment_amount, benefit_pv_amount, payback_months"
        " from marts.fct_customer_roi"
    ).fetchall()
    paid = set()
    for customer, month_end, benefit, verified, investment, present_value, payback in found:
        first = min(month for month, kind, *_ in flows[customer] if kind == "investment")
        last = 12 * month_end.year + month_end.month
        known = [row for row in flows[customer] if first <= row[0] <= min(last, first + 35)]
        gains = [row for row in known if row[1] == "benefit"]
        assert (benefit, verified, investment) == (
            sum(row[2] for row in gains),
            sum(row[2] for row in gains if row[3]),
            sum(row[2] for row in known if row[1] == "investment"),
        ), (customer, month_end)
        value = sum(row[2] / 1.1 ** ((row[0] - first + 1) / 12) for row in gains)
        assert abs(float(present_value) - value) < 0.001, (customer, month_end)
        so_far, expected = 0, None
        for month in range(first, min(last, first + 35) + 1):
            net = sum(
                amount if kind == "benefit" else -amount for at, kind, amount, _ in known if at == month
            )
            if so_far + net >= 0:
                expected = month - first + Fraction(-so_far, net)
                break
            so_far += net
        assert (payback is None) == (expected is None), (customer, month_end)
        assert expected is None or abs(payback - six(expected)) <= Decimal("0.000001"), (customer, month_end)
        paid.add(expected is None)
    assert paid == {True, False}
    assert len(found) == sum(
        12 * date(2026, 10, 1).year + 10 - min(month for month, kind, *_ in rows if kind == "investment") + 1
        for rows in flows.values()
    )
